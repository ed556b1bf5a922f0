//! The value wrapper: what the receiver should do with a field.

/// What a source said about one field, and so what the receiver does with the stored value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum InterchangeValue<T> {
    /// The source said nothing: the stored value stays.
    #[default]
    Unknown,
    /// The stored value becomes this one.
    Save(T),
    /// The stored value is cleared. A value inside names what is being removed; the only field that
    /// uses this is the order number of a cancelled lab order.
    Delete(Option<T>),
}

impl<T> InterchangeValue<T> {
    /// [`Save`](Self::Save) of a value that is there, else [`Unknown`](Self::Unknown).
    pub fn from_option(value: Option<T>) -> Self {
        value.map_or(Self::Unknown, Self::Save)
    }

    /// A plain delete, without naming the value that goes.
    pub const fn delete() -> Self {
        Self::Delete(None)
    }

    /// The value to store or the value that is removed, if there is one.
    pub const fn get(&self) -> Option<&T> {
        match self {
            Self::Save(value) | Self::Delete(Some(value)) => Some(value),
            Self::Unknown | Self::Delete(None) => None,
        }
    }

    /// The value to store, if the source sent one.
    pub const fn saved(&self) -> Option<&T> {
        match self {
            Self::Save(value) => Some(value),
            Self::Unknown | Self::Delete(_) => None,
        }
    }

    /// Whether the source said nothing.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether there is a value to store.
    pub const fn is_save(&self) -> bool {
        matches!(self, Self::Save(_))
    }

    /// Whether the stored value is to be cleared.
    pub const fn is_delete(&self) -> bool {
        matches!(self, Self::Delete(_))
    }

    /// The same instruction about another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> InterchangeValue<U> {
        match self {
            Self::Unknown => InterchangeValue::Unknown,
            Self::Save(value) => InterchangeValue::Save(change(value)),
            Self::Delete(value) => InterchangeValue::Delete(value.map(change)),
        }
    }

    /// The same instruction, the value borrowed.
    pub const fn as_ref(&self) -> InterchangeValue<&T> {
        match self {
            Self::Unknown => InterchangeValue::Unknown,
            Self::Save(value) => InterchangeValue::Save(value),
            Self::Delete(Some(value)) => InterchangeValue::Delete(Some(value)),
            Self::Delete(None) => InterchangeValue::Delete(None),
        }
    }
}

impl InterchangeValue<String> {
    /// An HL7 field: absent or empty says nothing, `""` (two quotes) deletes, anything else (a single
    /// blank too) is a value.
    pub fn from_hl7<S: AsRef<str> + Into<String>>(field: Option<S>) -> Self {
        match field {
            None => Self::Unknown,
            Some(text) => match text.as_ref() {
                "" => Self::Unknown,
                "\"\"" => Self::Delete(None),
                _ => Self::Save(text.into()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::InterchangeValue;

    #[test]
    fn hl7_field_states() {
        let cases = [
            (None, InterchangeValue::Unknown),
            (Some(""), InterchangeValue::Unknown),
            (Some("\"\""), InterchangeValue::delete()),
            (Some(" "), InterchangeValue::Save(" ".to_owned())),
            (Some("Ambulance"), InterchangeValue::Save("Ambulance".to_owned())),
        ];
        for (field, expected) in cases {
            assert_eq!(InterchangeValue::from_hl7(field), expected, "{field:?}");
        }
    }

    #[test]
    fn exactly_one_state_holds() {
        let states: [InterchangeValue<i64>; 4] = [
            InterchangeValue::Unknown,
            InterchangeValue::Save(3),
            InterchangeValue::Delete(None),
            InterchangeValue::Delete(Some(3)),
        ];
        for state in states {
            let held = [state.is_unknown(), state.is_save(), state.is_delete()];
            assert_eq!(held.iter().filter(|&&holds| holds).count(), 1, "{state:?}");
        }
    }

    #[test]
    fn a_named_delete_gives_its_value_but_saves_nothing() {
        let named = InterchangeValue::Delete(Some("551"));
        assert_eq!(named.get(), Some(&"551"));
        assert_eq!(named.saved(), None);
        assert_eq!(named.map(str::len), InterchangeValue::Delete(Some(3)));
    }
}
