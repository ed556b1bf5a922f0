//! One declared setting: its name, type, default and meaning.

use std::marker::PhantomData;

use super::{
    error::{SettingsError, variable},
    value::Value,
};

/// The settings that belong together; a program reads a list of groups.
pub type Group = &'static [&'static dyn AnyKey];

/// A declared setting of any type.
pub trait AnyKey: Sync {
    /// Dotted name, e.g. `rabbitmq.queue.length`.
    fn name(&self) -> &'static str;

    /// One line for operators.
    fn meaning(&self) -> &'static str;

    /// The default as one would write it; empty when there is none.
    fn default_text(&self) -> String;

    /// Whether the value is never shown and may also be given as a file.
    fn is_secret(&self) -> bool {
        false
    }

    /// The name of its environment variable, e.g. `RABBITMQ_QUEUE_LENGTH`.
    fn variable(&self) -> String {
        variable(self.name())
    }

    /// The dotted name of the setting that names a file with this secret.
    fn file_name(&self) -> String {
        format!("{}-file", self.name())
    }
}

/// A declared setting whose type is known.
pub trait TypedKey: AnyKey {
    /// What it is read as.
    type Value;

    /// The value of a text (trimmed unless it is a secret), or of a setting that is not given.
    ///
    /// # Errors
    /// When the text is wrong, or needed and missing.
    fn read(&self, given: Option<&str>) -> Result<Self::Value, SettingsError>;
}

/// A setting with a default; that of a `Key<Option<…>>` may be none.
#[derive(Debug)]
pub struct Key<T> {
    name: &'static str,
    default: fn() -> T,
    meaning: &'static str,
    may_be_blank: bool,
    is_secret: bool,
}

impl<T> Key<T> {
    /// Declares it.
    pub const fn new(name: &'static str, default: fn() -> T, meaning: &'static str) -> Self {
        Self { name, default, meaning, may_be_blank: true, is_secret: false }
    }

    /// Given but blank is refused instead of counting as not given.
    #[must_use]
    pub const fn never_blank(mut self) -> Self {
        self.may_be_blank = false;
        self
    }

    /// The value is never shown, is taken with the blanks around it, and may also be given as a file.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.is_secret = true;
        self
    }

    /// What it is when it is not given.
    pub fn default(&self) -> T {
        (self.default)()
    }
}

impl<T: Value> AnyKey for Key<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn meaning(&self) -> &'static str {
        self.meaning
    }

    fn default_text(&self) -> String {
        self.default().to_text()
    }

    fn is_secret(&self) -> bool {
        self.is_secret
    }
}

impl<T: Value> TypedKey for Key<T> {
    type Value = T;

    fn read(&self, given: Option<&str>) -> Result<T, SettingsError> {
        match given {
            None => Ok(self.default()),
            Some("") if self.may_be_blank => Ok(self.default()),
            Some("") => {
                Err(SettingsError::invalid(self.name, format!("{}, or leave it out", T::expected()), ""))
            }
            Some(text) => parse(self, text),
        }
    }
}

/// A setting without which the program cannot start.
#[derive(Debug)]
pub struct RequiredKey<T> {
    name: &'static str,
    meaning: &'static str,
    is_secret: bool,
    value: PhantomData<fn() -> T>,
}

impl<T> RequiredKey<T> {
    /// Declares it.
    pub const fn new(name: &'static str, meaning: &'static str) -> Self {
        Self { name, meaning, is_secret: false, value: PhantomData }
    }

    /// As [`Key::secret`].
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.is_secret = true;
        self
    }
}

impl<T: Value> AnyKey for RequiredKey<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn meaning(&self) -> &'static str {
        self.meaning
    }

    fn default_text(&self) -> String {
        String::new()
    }

    fn is_secret(&self) -> bool {
        self.is_secret
    }
}

impl<T: Value> TypedKey for RequiredKey<T> {
    type Value = T;

    fn read(&self, given: Option<&str>) -> Result<T, SettingsError> {
        match given {
            None | Some("") => Err(SettingsError::missing(self.name, self.meaning)),
            Some(text) => parse(self, text),
        }
    }
}

fn parse<T: Value>(key: &impl AnyKey, text: &str) -> Result<T, SettingsError> {
    T::parse(text).ok_or_else(|| {
        if key.is_secret() {
            SettingsError::invalid_secret(key.name(), T::expected())
        } else {
            SettingsError::invalid(key.name(), T::expected(), text)
        }
    })
}
