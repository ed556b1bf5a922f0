//! The types of settings, and how each is written.

use std::{num::NonZeroU32, time::Duration};

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;

/// Something that a setting can be.
pub trait Value: Sized + 'static {
    /// What a good text looks like, to follow "set X to".
    fn expected() -> String;

    /// Reads a text that is neither blank nor surrounded by blanks; `None` when it is wrong.
    fn parse(text: &str) -> Option<Self>;

    /// The value as one would write it.
    fn to_text(&self) -> String;
}

impl Value for String {
    fn expected() -> String {
        "a text".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn to_text(&self) -> String {
        self.clone()
    }
}

/// Not given means none.
impl<T: Value> Value for Option<T> {
    fn expected() -> String {
        T::expected()
    }

    fn parse(text: &str) -> Option<Self> {
        T::parse(text).map(Some)
    }

    fn to_text(&self) -> String {
        self.as_ref().map(T::to_text).unwrap_or_default()
    }
}

/// Texts separated by commas, at least one.
impl Value for Vec<String> {
    fn expected() -> String {
        "a list separated by commas".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        Some(items.map(str::to_owned).collect()).filter(|items: &Self| !items.is_empty())
    }

    fn to_text(&self) -> String {
        self.join(",")
    }
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {
        $(
            impl Value for $number {
                fn expected() -> String {
                    format!("a whole number from {} to {}", Self::MIN, Self::MAX)
                }

                fn parse(text: &str) -> Option<Self> {
                    text.parse().ok()
                }

                fn to_text(&self) -> String {
                    self.to_string()
                }
            }
        )*
    };
}

whole_numbers!(u16, u32, NonZeroU32);

/// `true` or `false`, also `yes`/`no`, `on`/`off`, `1`/`0`, in any case.
impl Value for bool {
    fn expected() -> String {
        "true or false".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        }
    }

    fn to_text(&self) -> String {
        self.to_string()
    }
}

/// Seconds, fractions allowed.
impl Value for Duration {
    fn expected() -> String {
        "a number of seconds, at most a year".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        let seconds = text.parse().ok().filter(|seconds| (0.0..=31_536_000.0).contains(seconds))?;
        Some(Self::from_secs_f64(seconds))
    }

    fn to_text(&self) -> String {
        self.as_secs_f64().to_string()
    }
}

/// ISO 8601 with an offset.
impl Value for DateTime<Utc> {
    fn expected() -> String {
        "an instant such as 2019-04-01T00:00:00Z".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.to_utc())
    }

    fn to_text(&self) -> String {
        self.to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

impl Value for Tz {
    fn expected() -> String {
        "a time zone name such as Europe/London".to_owned()
    }

    fn parse(text: &str) -> Option<Self> {
        // POSIX allows a colon before the name of a zone file.
        text.trim_start_matches(':').parse().ok()
    }

    fn to_text(&self) -> String {
        self.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Group, Key, RequiredKey, SettingsError, TypedKey, loaded::tests::loaded};

    fn read<T: Value>(text: &str) -> Result<T, SettingsError> {
        RequiredKey::new("the.setting", "what it is for").read(Some(text))
    }

    fn wrong<T: Value + std::fmt::Debug>(text: &str) -> String {
        read::<T>(text).unwrap_err().to_string()
    }

    #[test]
    fn numbers_are_within_the_range_that_the_error_names() {
        assert_eq!(read::<u16>("65535").unwrap(), 65535);
        let expected = "set THE_SETTING to a whole number from 0 to 65535 (it is \"70000\")";
        assert_eq!(wrong::<u16>("70000"), expected);
        let expected = "set THE_SETTING to a whole number from 1 to 4294967295";
        assert_eq!(wrong::<NonZeroU32>("0"), format!("{expected} (it is \"0\")"));
        assert_eq!(wrong::<NonZeroU32>("many"), format!("{expected} (it is \"many\")"));
    }

    #[test]
    fn flags_in_their_usual_spellings() {
        assert!(read::<bool>("TRUE").unwrap() && read::<bool>("on").unwrap());
        assert!(!read::<bool>("No").unwrap());
        assert!(read::<bool>("maybe").is_err());
    }

    #[test]
    fn seconds_are_finite_and_not_negative() {
        assert_eq!(read::<Duration>("0.25").unwrap(), Duration::from_millis(250));
        for text in ["-1", "NaN", "inf", "1e300", "soon"] {
            assert!(read::<Duration>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn instants_with_offset() {
        let at: DateTime<Utc> = read("2026-06-01T01:00:00.000+01:00").unwrap();
        assert_eq!(at.to_text(), "2026-06-01T00:00:00.000Z");
        assert!(wrong::<DateTime<Utc>>("yesterday").contains("an instant such as"));
    }

    #[test]
    fn an_optional_value_that_is_blank_is_none() {
        const END: Key<Option<DateTime<Utc>>> = Key::new("the.end", || None, "end of something");
        const GROUP: Group = &[&END];
        assert_eq!(loaded(&[GROUP], &[("THE_END", " ")]).get(&END).unwrap(), None);
    }

    #[test]
    fn zones_by_name() {
        assert_eq!(read::<Tz>(":Europe/Paris").unwrap(), Tz::Europe__Paris);
        assert_eq!(read::<Tz>("UTC").unwrap(), Tz::UTC);
        assert!(wrong::<Tz>("Mars/Olympus").starts_with("set THE_SETTING to a time zone name"));
    }

    #[test]
    fn lists_hold_something() {
        assert_eq!(read::<Vec<String>>("a, ,b ").unwrap(), ["a", "b"]);
        assert!(read::<Vec<String>>(" , ").is_err());
    }

    #[test]
    fn a_text_gives_the_value_it_was_made_of() {
        fn again<T: Value + PartialEq + std::fmt::Debug>(value: T) {
            assert_eq!(T::parse(&value.to_text()), Some(value));
        }
        again(Duration::from_millis(1500));
        again(vec!["a".to_owned(), "b".to_owned()]);
        again(Some(Tz::Asia__Kolkata));
        again(true);
    }
}
