//! The declarations: a type lists its fields once, with their names on the wire and their meaning.

/// A struct whose listed fields are properties; fields after `with` are plain ones.
macro_rules! record {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$doc:meta])* $field:ident = $json:literal : $type:ty ),* $(,)?
        } with {
            $( $(#[$plain_doc:meta])* pub $plain:ident : $plain_type:ty ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        pub struct $name {
            $( $(#[$doc])* pub $field: $type, )*
            $( $(#[$plain_doc])* pub $plain: $plain_type, )*
        }

        impl $crate::wire::Properties for $name {
            fn properties(&self) -> &'static [$crate::wire::Property] {
                $crate::wire::declare::properties![$($json),*]
            }

            fn write_properties<W: $crate::wire::WireWriter>(&self, writer: &mut W) {
                $( $crate::wire::declare::write_property!(writer, $json, &self.$field); )*
            }

            fn read_property(
                &mut self,
                index: usize,
                reader: &mut $crate::wire::Reader<'_>,
            ) -> Result<(), $crate::wire::Fault> {
                $crate::wire::declare::read_into!(index, reader, $( $field => self.$field ),*)
            }
        }
    };
}

/// An enum of which each variant is a class, its fields the properties only that class has.
macro_rules! variants {
    (
        $(#[$meta:meta])*
        pub enum $name:ident in $package:literal {
            $(
                $(#[$variant_doc:meta])*
                $variant:ident $({
                    $( $(#[$doc:meta])* $field:ident = $json:literal : $type:ty $(= $default:expr)? ),* $(,)?
                })?
            ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        pub enum $name {
            $( $(#[$variant_doc])* $variant $({ $( $(#[$doc])* $field: $type, )* })?, )*
        }

        impl $name {
            /// Full class name on the wire.
            pub fn class_name(&self) -> &'static str {
                match self {
                    $( Self::$variant { .. } => {
                        concat!($crate::wire::package!(), $package, stringify!($variant))
                    } )*
                }
            }

            /// The variant of a class, everything in it at its default.
            pub(crate) fn for_class(class: &str) -> Option<Self> {
                const PREFIX: &str = concat!($crate::wire::package!(), $package);
                Some(match class.strip_prefix(PREFIX)? {
                    $( stringify!($variant) => Self::$variant $({
                        $( $field: $crate::wire::declare::default_value!($($default)?), )*
                    })?, )*
                    _ => return None,
                })
            }

            /// One of each class, everything at its default.
            #[cfg(test)]
            pub(crate) fn all_classes() -> Vec<Self> {
                let names = [$( concat!($crate::wire::package!(), $package, stringify!($variant)) ),*];
                names.into_iter().filter_map(Self::for_class).collect()
            }
        }

        impl $crate::wire::Properties for $name {
            fn properties(&self) -> &'static [$crate::wire::Property] {
                match self {
                    $( Self::$variant { .. } => {
                        $crate::wire::declare::properties![$($($json),*)?]
                    } )*
                }
            }

            #[allow(unused_variables)]
            fn write_properties<W: $crate::wire::WireWriter>(&self, writer: &mut W) {
                match self {
                    $( Self::$variant $({ $($field),* })? => {
                        $($( $crate::wire::declare::write_property!(writer, $json, $field); )*)?
                    } )*
                }
            }

            #[allow(unused_variables)]
            fn read_property(
                &mut self,
                index: usize,
                reader: &mut $crate::wire::Reader<'_>,
            ) -> Result<(), $crate::wire::Fault> {
                match self {
                    $( Self::$variant $({ $($field),* })? => {
                        $crate::wire::declare::read_into!(index, reader, $($( $field => *$field ),*)?)
                    } )*
                }
            }
        }
    };
}

/// An enum of constants that travel by name. The order of the list is part of the wire contract.
macro_rules! constants {
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
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl $crate::wire::Scalar for $name {
            fn write<W: $crate::wire::WireWriter>(&self, writer: &mut W) {
                writer.word(self.as_str());
            }

            fn read(
                reader: &mut $crate::wire::Reader<'_>,
                token: $crate::wire::Token,
            ) -> Result<Option<Self>, $crate::wire::Fault> {
                reader.constant(token, |text| match text {
                    $( $constant => Some(Self::$variant), )*
                    _ => text.parse::<usize>().ok().and_then(|position| Self::ALL.get(position).copied()),
                })
            }
        }
    };
}

/// The static list of properties with these names.
macro_rules! properties {
    ($($json:literal),*) => {{
        const ALL: &[$crate::wire::Property] =
            &[$( $crate::wire::Property::from_key(concat!(",\"", $json, "\":")) ),*];
        ALL
    }};
}

macro_rules! write_property {
    ($writer:ident, $json:literal, $value:expr) => {
        $writer.property(&const { $crate::wire::Property::from_key(concat!(",\"", $json, "\":")) });
        $crate::wire::Wire::write($value, $writer);
    };
}

/// Reads into the place whose position in the list is `$index`; an index beyond the list reads nothing.
macro_rules! read_into {
    ($index:ident, $reader:ident, $( $field:ident => $place:expr ),*) => {{
        #[allow(non_camel_case_types, dead_code)]
        enum Slot { $( $field ),* }
        $( if $index == Slot::$field as usize {
            $place = $crate::wire::Wire::read($reader)?;
            return Ok(());
        } )*
        Ok(())
    }};
}

macro_rules! default_value {
    () => {
        Default::default()
    };
    ($default:expr) => {
        $default
    };
}

pub(crate) use {constants, default_value, properties, read_into, record, variants, write_property};
