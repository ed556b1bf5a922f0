//! Files of defaults: what the messages of a file have in common stands in a file beside it.

use std::path::{Path, PathBuf};

/// What a file of defaults is applied to, as the end of its name says.
///
/// Despite their name, defaults are applied last: they take precedence over the file of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defaults {
    /// Each message of the file, which are no lab orders.
    Messages,
    /// Each lab order.
    Orders,
    /// Each result of the orders.
    Results,
    /// Each isolate that grew in a culture.
    Isolates,
    /// What each isolate is sensitive to.
    Sensitivities,
}

/// What replaces `.yaml` at the end of the name; an ending before those that are its end.
const ENDINGS: [(Defaults, &str); 5] = [
    (Defaults::Sensitivities, "_micro_result_defaults.yaml"),
    (Defaults::Isolates, "_micro_isolate_defaults.yaml"),
    (Defaults::Results, "_result_defaults.yaml"),
    (Defaults::Orders, "_order_defaults.yaml"),
    (Defaults::Messages, "_defaults.yaml"),
];

impl Defaults {
    /// All kinds of defaults.
    pub fn all() -> impl Iterator<Item = Self> {
        ENDINGS.iter().map(|(defaults, _)| *defaults)
    }

    /// What a file is the defaults of, if its name says that it is one, and the file of messages it
    /// belongs to.
    pub fn named_by(file: &Path) -> Option<(Self, PathBuf)> {
        let name = file.file_name()?.to_str()?;
        ENDINGS.iter().find_map(|(defaults, ending)| {
            let stem = name.strip_suffix(ending)?;
            Some((*defaults, file.with_file_name(format!("{stem}.yaml"))))
        })
    }

    /// The file of these defaults that belongs to a file of messages.
    pub fn beside(self, messages: &Path) -> PathBuf {
        let name = messages.file_name().unwrap_or_default().to_string_lossy();
        let stem = name.strip_suffix(".yaml").unwrap_or(&name);
        let ending = ENDINGS.iter().find(|(defaults, _)| *defaults == self).map_or("", |(_, ending)| ending);
        messages.with_file_name(format!("{stem}{ending}"))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Defaults;

    #[test]
    fn a_defaults_file_and_its_messages_lead_to_each_other() {
        let messages = Path::new("LabOrders/ward/culture.yaml");
        for defaults in Defaults::all() {
            let file = defaults.beside(messages);
            assert_eq!(Defaults::named_by(&file), Some((defaults, messages.to_owned())), "{defaults:?}");
        }
        let names = [Defaults::Messages, Defaults::Sensitivities].map(|defaults| defaults.beside(messages));
        assert_eq!(names[0], Path::new("LabOrders/ward/culture_defaults.yaml"));
        assert_eq!(names[1], Path::new("LabOrders/ward/culture_micro_result_defaults.yaml"));
        assert_eq!(Defaults::named_by(messages), None);
        assert_eq!(Defaults::named_by(Path::new("culture_defaults.txt")), None);
    }
}
