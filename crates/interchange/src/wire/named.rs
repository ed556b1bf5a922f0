//! Macros for names: the package of all classes, and enums whose constants have names.

/// Prefix of every class name on the wire; contractual with peers.
macro_rules! package {
    () => {
        "uk.ac.ucl.rits.inform.interchange."
    };
}
pub(crate) use package;

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
