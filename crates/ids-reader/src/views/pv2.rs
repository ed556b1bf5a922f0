use emap_hl7::Value;

use super::view::view;

view! {
    /// Patient visit, additional information.
    Pv2 of "PV2"
}

impl<'a> Pv2<'a> {
    pub(crate) fn mode_of_arrival(&self) -> Value<'a> {
        self.fields.field(38).value().trimmed()
    }
}
