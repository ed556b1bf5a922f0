/// Declares a view: its segment name and how to make one.
macro_rules! view {
    ($(#[$doc:meta])* $view:ident of $name:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub(crate) struct $view<'a> {
            fields: emap_hl7::Fields<'a>,
        }

        #[allow(dead_code, reason = "not every segment is looked up by all of these")]
        impl<'a> $view<'a> {
            pub(crate) const NAME: &'static str = $name;

            pub(crate) fn of(segment: &emap_hl7::Segment<'a>) -> Self {
                Self { fields: segment.fields() }
            }

            pub(crate) fn missing() -> Self {
                Self { fields: emap_hl7::Fields::missing() }
            }

            pub(crate) fn is_present(&self) -> bool {
                self.fields.is_present()
            }

            /// All fields, to compare segments by.
            pub(crate) fn fields(&self) -> &emap_hl7::Fields<'a> {
                &self.fields
            }
        }
    };
}

pub(super) use view;
