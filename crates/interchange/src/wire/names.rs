//! The names that every body contains: classes, properties, constants.

/// Prefix of every class name on the wire; contractual with peers.
macro_rules! package {
    () => {
        "uk.ac.ucl.rits.inform.interchange."
    };
}
pub(crate) use package;

/// The property that carries the class of an object.
pub(crate) const CLASS: &str = "@class";

/// Class of the value wrapper, for values of every type.
pub(crate) const WRAPPER_CLASS: &str = concat!(package!(), "InterchangeValue");

/// One property of a class.
#[derive(Debug)]
pub(crate) struct Property {
    /// The name as JSON writes it after another property: `,"name":`.
    key: &'static str,
}

impl Property {
    /// From `,"name":`; only the declaring macros call this.
    pub(crate) const fn from_key(key: &'static str) -> Self {
        Self { key }
    }

    /// As JSON writes it after another property: `,"name":`.
    pub(crate) fn key(&self) -> &'static [u8] {
        self.key.as_bytes()
    }

    pub(crate) fn name(&self) -> &'static str {
        &self.key[2..self.key.len() - 2]
    }
}

/// An enum whose constants have names on the wire. The order of the list is part of the wire contract.
macro_rules! named {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $( $(#[$doc:meta])* $variant:ident = $constant:literal ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $visibility enum $name {
            $( $(#[$doc])* $variant, )*
        }

        impl $name {
            /// All constants, in the order of the list.
            $visibility const ALL: &'static [Self] = &[$( Self::$variant ),*];

            /// The constant's name, as on the wire.
            $visibility const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $constant, )*
                }
            }

            /// The constant with exactly this name, if there is one.
            $visibility fn named(name: &str) -> Option<Self> {
                Some(match name {
                    $( $constant => Self::$variant, )*
                    _ => return None,
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use named;

named! {
    /// State of a wrapper on the wire.
    pub(crate) enum Status {
        /// The value is to be stored.
        Save = "SAVE",
        /// The stored value is to be cleared.
        Delete = "DELETE",
        /// Nothing is said.
        Ignore = "IGNORE",
    }
}
