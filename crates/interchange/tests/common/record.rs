//! Structs of arbitrary fields.

/// A strategy for a struct from one for each of its fields; a field left out does not compile.
macro_rules! record {
    ($type:ident { $($field:ident: $strategy:expr),* $(,)? }) => {{
        let _ = |$type { $($field: _),* }: $type| ();
        let record = Just($type::default()).boxed();
        $( let record = (record, $strategy)
            .prop_map(|(mut record, value)| { record.$field = value; record })
            .boxed(); )*
        record
    }};
}
pub(crate) use record;
