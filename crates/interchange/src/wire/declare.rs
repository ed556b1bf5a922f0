//! The declarations: a type lists its fields once, with their names on the wire and their meaning.

/// A struct whose listed fields are properties.
///
/// With `as "Class"` it is that class, a message or a part of one; names after `ignoring` are skipped. A class or
/// property `#[since(Feature)]` exists for peers with that feature only, `#[until(Feature)]` for those without it; a
/// property is found by the name after `#[also("…")]` too, but is never written so.
/// With `with { pub tail: Type }` it holds what several classes have in common, and the tail, which has
/// the class, adds the rest.
macro_rules! record {
    (
        $(#[doc = $meaning:literal])*
        $(#[since($class_since:ident)])? $(#[until($class_until:ident)])?
        pub struct $name:ident as $class:literal
            $(ignoring [$($ignored:literal $($ignored_when:ident $($ignored_feature:ident)?)?),*])?
        {
            $(
                $(#[doc = $doc:literal])* $(#[since($since:ident)])? $(#[also($also:literal)])?
                $field:ident = $json:literal : $type:ty $(= $default:expr)?
            ),* $(,)?
        }
    ) => {
        $(#[doc = $meaning])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $( $(#[doc = $doc])* pub $field: $type, )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $crate::wire::declare::default_value!($($default)?), )* }
            }
        }

        $crate::wire::declare::fields! {
            $name { $( $field = $json [$(since $since)?] [$($also)?] about [$($doc),*] ),* }
        }

        impl $name {
            /// Full class name on the wire.
            pub const CLASS: &'static str = concat!($crate::wire::named::package!(), $class);
        }

        impl $crate::wire::Target for $name {
            fn property(&self, index: usize) -> Option<&'static $crate::wire::Property> {
                $crate::wire::Properties::properties(self).get(index)
            }

            fn read_property(
                &mut self,
                index: usize,
                reader: &mut $crate::wire::Reader<'_>,
            ) -> Result<(), $crate::wire::Fault> {
                $crate::wire::Properties::read_property(self, index, reader)
            }

            fn ignored(&self, name: &str) -> Option<$crate::wire::Availability> {
                $crate::wire::declare::ignored!(name, [
                    $($($ignored [$($ignored_when $($ignored_feature)?)?]),*)?
                ])
            }
        }

        impl $crate::wire::Classed for $name {
            fn class_name(&self) -> &'static str {
                Self::CLASS
            }

            fn for_class(class: &str) -> Option<Self> {
                (class == Self::CLASS).then(Self::default)
            }

            fn all_classes() -> Vec<Self> {
                vec![Self::default()]
            }

            fn write_all<W: $crate::wire::WireWriter>(&self, writer: &mut W) {
                $crate::wire::Properties::write_properties(self, writer);
            }

            fn class_shape(&self) -> $crate::wire::ClassShape {
                $crate::wire::ClassShape {
                    class: Self::CLASS,
                    available: $crate::wire::declare::availability!(
                        $(since $class_since)? $(until $class_until)?
                    ),
                    meaning: concat!($($meaning),*).trim_start(),
                    properties: $crate::wire::Properties::property_shapes(self),
                }
            }

            fn every_instant(&mut self, change: &mut dyn FnMut(&mut $crate::types::Instant)) {
                $crate::wire::Properties::each_property_instant(self, change);
            }
        }

        impl $crate::wire::Scalar for $name {
            fn write<W: $crate::wire::WireWriter>(&self, writer: &mut W) {
                $crate::wire::write_record(self, writer);
            }

            fn read(
                reader: &mut $crate::wire::Reader<'_>,
                _token: $crate::wire::Token,
            ) -> Result<Option<Self>, $crate::wire::Fault> {
                let mut part = Self::default();
                reader.record(Self::CLASS, &mut part)?;
                Ok(Some(part))
            }

            fn shape() -> $crate::wire::Shape {
                $crate::wire::Shape::Part(|| $crate::wire::Classed::class_shape(&Self::default()))
            }

            fn each_instant(&mut self, change: &mut dyn FnMut(&mut $crate::types::Instant)) {
                $crate::wire::Properties::each_property_instant(self, change);
            }
        }
    };
    (
        $(#[$meta:meta])*
        pub struct $name:ident
            $(ignoring [$($ignored:literal $($ignored_when:ident $($ignored_feature:ident)?)?),*])?
        {
            $(
                $(#[doc = $doc:literal])* $(#[since($since:ident)])?
                $field:ident = $json:literal : $type:ty $(= $default:expr)?
            ),* $(,)?
        } with {
            $(#[$tail_doc:meta])* pub $tail:ident : $tail_type:ty $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $( $(#[doc = $doc])* pub $field: $type, )*
            $(#[$tail_doc])* pub $tail: $tail_type,
        }

        $crate::wire::declare::fields! {
            $name { $( $field = $json [$(since $since)?] [] about [$($doc),*] ),* }
        }

        impl From<$tail_type> for $name {
            /// Everything else at its default.
            fn from($tail: $tail_type) -> Self {
                Self { $( $field: $crate::wire::declare::default_value!($($default)?), )* $tail }
            }
        }

        impl $crate::wire::Target for $name {
            fn property(&self, index: usize) -> Option<&'static $crate::wire::Property> {
                let common = $crate::wire::Properties::properties(self);
                match index.checked_sub(common.len()) {
                    None => common.get(index),
                    Some(rest) => self.$tail.property(rest),
                }
            }

            fn read_property(
                &mut self,
                index: usize,
                reader: &mut $crate::wire::Reader<'_>,
            ) -> Result<(), $crate::wire::Fault> {
                match index.checked_sub($crate::wire::Properties::properties(self).len()) {
                    None => $crate::wire::Properties::read_property(self, index, reader),
                    Some(rest) => $crate::wire::Target::read_property(&mut self.$tail, rest, reader),
                }
            }

            fn ignored(&self, name: &str) -> Option<$crate::wire::Availability> {
                let own = $crate::wire::declare::ignored!(name, [
                    $($($ignored [$($ignored_when $($ignored_feature)?)?]),*)?
                ]);
                own.or_else(|| self.$tail.ignored(name))
            }
        }

        impl $crate::wire::Classed for $name {
            fn class_name(&self) -> &'static str {
                $crate::wire::Classed::class_name(&self.$tail)
            }

            fn for_class(class: &str) -> Option<Self> {
                <$tail_type as $crate::wire::Classed>::for_class(class).map(Self::from)
            }

            fn all_classes() -> Vec<Self> {
                <$tail_type as $crate::wire::Classed>::all_classes().into_iter().map(Self::from).collect()
            }

            fn write_all<W: $crate::wire::WireWriter>(&self, writer: &mut W) {
                $crate::wire::Properties::write_properties(self, writer);
                $crate::wire::Classed::write_all(&self.$tail, writer);
            }

            fn class_shape(&self) -> $crate::wire::ClassShape {
                let common = $crate::wire::Properties::property_shapes(self);
                $crate::wire::Classed::class_shape(&self.$tail).behind(common)
            }

            fn every_instant(&mut self, change: &mut dyn FnMut(&mut $crate::types::Instant)) {
                $crate::wire::Properties::each_property_instant(self, change);
                $crate::wire::Classed::every_instant(&mut self.$tail, change);
            }
        }
    };
}

/// The declared fields of a struct as properties.
macro_rules! fields {
    ($name:ident {
        $( $field:ident = $json:literal [$($since:tt)*] [$($also:literal)?] about [$($doc:literal),*] ),*
    }) => {
        impl $crate::wire::Properties for $name {
            fn properties(&self) -> &'static [$crate::wire::Property] {
                $crate::wire::declare::properties![$($json [$($since)*] [$($also)?]),*]
            }

            fn write_properties<W: $crate::wire::WireWriter>(&self, writer: &mut W) {
                $( $crate::wire::declare::write_property!(writer, $json, [$($since)*], &self.$field); )*
            }

            fn read_property(
                &mut self,
                index: usize,
                reader: &mut $crate::wire::Reader<'_>,
            ) -> Result<(), $crate::wire::Fault> {
                $crate::wire::declare::read_into!(index, reader, $( $field => self.$field ),*)
            }

            fn property_shapes(&self) -> Vec<$crate::wire::PropertyShape> {
                vec![$(
                    $crate::wire::PropertyShape::of($json, concat!($($doc),*), &self.$field)
                        .available($crate::wire::declare::availability!($($since)*))
                ),*]
            }

            fn each_property_instant(&mut self, change: &mut dyn FnMut(&mut $crate::types::Instant)) {
                $( $crate::wire::Wire::each_instant(&mut self.$field, change); )*
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
                $(#[doc = $meaning:literal])* $(#[since($class_since:ident)])?
                $variant:ident $({
                    $(
                        $(#[doc = $doc:literal])* $(#[since($since:ident)])?
                        $field:ident = $json:literal : $type:ty $(= $default:expr)?
                    ),* $(,)?
                })?
            ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        pub enum $name {
            $( $(#[doc = $meaning])* $variant $({ $( $(#[doc = $doc])* $field: $type, )* })?, )*
        }

        impl $name {
            /// Full class name on the wire.
            pub fn class_name(&self) -> &'static str {
                match self {
                    $( Self::$variant { .. } => {
                        concat!($crate::wire::named::package!(), $package, stringify!($variant))
                    } )*
                }
            }

        }

        impl $crate::wire::Target for $name {
            fn property(&self, index: usize) -> Option<&'static $crate::wire::Property> {
                $crate::wire::Properties::properties(self).get(index)
            }

            fn read_property(
                &mut self,
                index: usize,
                reader: &mut $crate::wire::Reader<'_>,
            ) -> Result<(), $crate::wire::Fault> {
                $crate::wire::Properties::read_property(self, index, reader)
            }
        }

        impl $crate::wire::Classed for $name {
            fn class_name(&self) -> &'static str {
                self.class_name()
            }

            fn for_class(class: &str) -> Option<Self> {
                const PREFIX: &str = concat!($crate::wire::named::package!(), $package);
                Some(match class.strip_prefix(PREFIX)? {
                    $( stringify!($variant) => Self::$variant $({
                        $( $field: $crate::wire::declare::default_value!($($default)?), )*
                    })?, )*
                    _ => return None,
                })
            }

            fn all_classes() -> Vec<Self> {
                vec![$( Self::$variant $({
                    $( $field: $crate::wire::declare::default_value!($($default)?), )*
                })? ),*]
            }

            fn write_all<W: $crate::wire::WireWriter>(&self, writer: &mut W) {
                $crate::wire::Properties::write_properties(self, writer);
            }

            fn class_shape(&self) -> $crate::wire::ClassShape {
                let (meaning, available) = match self {
                    $( Self::$variant { .. } => (
                        concat!($($meaning),*),
                        $crate::wire::declare::availability!($(since $class_since)?),
                    ), )*
                };
                $crate::wire::ClassShape {
                    class: self.class_name(),
                    available,
                    meaning: meaning.trim_start(),
                    properties: $crate::wire::Properties::property_shapes(self),
                }
            }

            fn every_instant(&mut self, change: &mut dyn FnMut(&mut $crate::types::Instant)) {
                $crate::wire::Properties::each_property_instant(self, change);
            }
        }

        impl $crate::wire::Properties for $name {
            fn properties(&self) -> &'static [$crate::wire::Property] {
                match self {
                    $( Self::$variant { .. } => {
                        $crate::wire::declare::properties![$($($json [$(since $since)?] []),*)?]
                    } )*
                }
            }

            #[allow(unused_variables)]
            fn write_properties<W: $crate::wire::WireWriter>(&self, writer: &mut W) {
                match self {
                    $( Self::$variant $({ $($field),* })? => {
                        $($(
                            $crate::wire::declare::write_property!(writer, $json, [$(since $since)?], $field);
                        )*)?
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

            fn property_shapes(&self) -> Vec<$crate::wire::PropertyShape> {
                match self {
                    $( Self::$variant $({ $($field),* })? => vec![
                        $($(
                            $crate::wire::PropertyShape::of($json, concat!($($doc),*), $field)
                                .available($crate::wire::declare::availability!($(since $since)?))
                        ),*)?
                    ], )*
                }
            }

            #[allow(unused_variables)]
            fn each_property_instant(&mut self, change: &mut dyn FnMut(&mut $crate::types::Instant)) {
                match self {
                    $( Self::$variant $({ $($field),* })? => {
                        $($( $crate::wire::Wire::each_instant($field, change); )*)?
                    } )*
                }
            }
        }
    };
}

/// An enum of constants that travel by name. The order of the list is part of the wire contract.
///
/// After `by`, each constant has a second text of that meaning: its code in HL7, or what people read.
macro_rules! constants {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident by $from:ident, $code:ident {
            $( $(#[$doc:meta])* $variant:ident = $constant:literal | $text:literal ),* $(,)?
        }
    ) => {
        $crate::wire::declare::constants! {
            $(#[$meta])*
            $visibility enum $name {
                $( $(#[$doc])* $variant = $constant ),*
            }
        }

        impl $name {
            /// The constant with exactly this text, if there is one.
            $visibility fn $from(text: &str) -> Option<Self> {
                Some(match text {
                    $( $text => Self::$variant, )*
                    _ => return None,
                })
            }

            /// The second text of the constant.
            $visibility const fn $code(self) -> &'static str {
                match self {
                    $( Self::$variant => $text, )*
                }
            }
        }
    };
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $( $(#[$doc:meta])* $variant:ident = $constant:literal ),* $(,)?
        }
    ) => {
        $crate::wire::named::named! {
            $(#[$meta])*
            $visibility enum $name {
                $( $(#[$doc])* $variant = $constant ),*
            }
        }

        $crate::wire::declare::constant_values!($name);
    };
}

/// An enum of named constants as the value of a property. A number is read as a position in the list.
macro_rules! constant_values {
    ($name:ident) => {
        impl $crate::wire::Scalar for $name {
            fn write<W: $crate::wire::WireWriter>(&self, writer: &mut W) {
                writer.word(self.as_str());
            }

            fn read(
                reader: &mut $crate::wire::Reader<'_>,
                token: $crate::wire::Token,
            ) -> Result<Option<Self>, $crate::wire::Fault> {
                reader.constant(token, |text| {
                    let at_position = || text.parse::<usize>().ok().and_then(|at| Self::ALL.get(at).copied());
                    Self::named(text).or_else(at_position)
                })
            }

            fn shape() -> $crate::wire::Shape {
                let names = Self::ALL.iter().map(|constant| constant.as_str()).collect();
                $crate::wire::Shape::Constant(stringify!($name), names)
            }
        }
    };
}

/// Which peers have something: all, or those with a feature, or those without, or none that was released.
macro_rules! availability {
    () => {
        $crate::wire::Availability::Always
    };
    (since $feature:ident) => {
        $crate::wire::Availability::Since($crate::features::Feature::$feature)
    };
    (until $feature:ident) => {
        $crate::wire::Availability::Until($crate::features::Feature::$feature)
    };
    (unreleased) => {
        $crate::wire::Availability::Unreleased
    };
}

/// One property with its name on the wire, who has it, and what else it has been called.
macro_rules! property {
    ($json:literal [$($when:tt)*] [$($also:literal)?]) => {
        $crate::wire::Property::new(
            concat!(",\"", $json, "\":"),
            $crate::wire::declare::availability!($($when)*),
        )
        $(.also($also))?
    };
}

/// The static list of properties with these names.
macro_rules! properties {
    ($($json:literal [$($when:tt)*] [$($also:literal)?]),*) => {{
        const ALL: &[$crate::wire::Property] =
            &[$( $crate::wire::declare::property!($json [$($when)*] [$($also)?]) ),*];
        ALL
    }};
}

/// Writes a property, unless it belongs to a feature that the receivers do not have.
macro_rules! write_property {
    ($writer:ident, $json:literal, [], $value:expr) => {
        $writer.property(&const { $crate::wire::declare::property!($json [] []) });
        $crate::wire::Wire::write($value, $writer);
    };
    ($writer:ident, $json:literal, [since $feature:ident], $value:expr) => {
        if $writer.features().has($crate::features::Feature::$feature) {
            $crate::wire::declare::write_property!($writer, $json, [], $value);
        }
    };
}

/// Whether, and of which peers, a name is one that is read over.
macro_rules! ignored {
    ($name:ident, [$($ignored:literal [$($when:tt)*]),*]) => {
        match $name {
            $( $ignored => Some($crate::wire::declare::availability!($($when)*)), )*
            _ => None,
        }
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

pub(crate) use {
    availability, constant_values, constants, default_value, fields, ignored, properties, property,
    read_into, record, variants, write_property,
};
