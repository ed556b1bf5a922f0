//! What the receivers of the messages understand: one choice for a site, the same for every daemon that sends.

use emap_interchange::{FeatureError, Features, Generation};
use emap_service::settings::{AnyKey, Group, Key, Settings, SettingsError};

/// `EMAP_INTERCHANGE_PRESET`.
const PRESET: Key<String> = Key::new(
    "emap.interchange.preset",
    || Generation::Main.to_string(),
    "generation of the programs that receive the messages: main, develop or 2026",
);

/// `EMAP_INTERCHANGE_FEATURES`.
const FEATURES: Key<Option<String>> = Key::new(
    "emap.interchange.features",
    || None,
    "what the receivers understand more or less than that generation, such as +admission_type,-sub_speciality",
);

/// The group of `EMAP_INTERCHANGE_PRESET` and `EMAP_INTERCHANGE_FEATURES`.
pub const KEYS: Group = &[&PRESET, &FEATURES];

/// The features that the settings ask for.
///
/// # Errors
/// An unknown generation or feature, a feature without a sign, or one without another that it needs.
pub fn from_settings(settings: &Settings) -> Result<Features, SettingsError> {
    let preset = settings.get(&PRESET)?;
    let changes = settings.get(&FEATURES)?.unwrap_or_default();
    let wrong =
        |key: &dyn AnyKey, expected: String, found| SettingsError::invalid(key.name(), expected, found);
    let generation = preset.parse::<Generation>();
    let generation =
        generation.map_err(|_| wrong(&PRESET, "one of main, develop, 2026".to_owned(), &preset))?;
    Features::chosen(generation, &changes).map_err(|error: FeatureError| {
        wrong(&FEATURES, format!("a list such as +admission_type,-sub_speciality: {error}"), &changes)
    })
}

#[cfg(test)]
mod tests {
    use emap_interchange::Feature;

    use super::*;

    fn read(preset: &str, features: &str) -> Result<Features, String> {
        let given = [("EMAP_INTERCHANGE_PRESET", preset), ("EMAP_INTERCHANGE_FEATURES", features)];
        let environment = given.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let settings = Settings::from_parts(&[KEYS], None, &environment).unwrap();
        from_settings(&settings).map_err(|error| error.to_string())
    }

    #[test]
    fn a_generation_with_changes() {
        assert_eq!(read("", ""), Ok(Features::of(Generation::Main)));
        assert_eq!(read("2026", " "), Ok(Features::of(Generation::Latest)));
        let features = read("develop", "+admission_type, -pending_discharge").unwrap();
        assert!(features.has(Feature::AdmissionType) && features.has(Feature::PendingHospitalService));
        assert!(!features.has(Feature::PendingDischarge));
    }

    #[test]
    fn a_generation_may_be_a_number_in_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("reader.yaml");
        std::fs::write(&path, "emap: {interchange: {preset: 2026}}\n").unwrap();
        let settings = Settings::from_parts(&[KEYS], Some(&path), &[].into()).unwrap();
        assert_eq!(from_settings(&settings).unwrap(), Features::of(Generation::Latest));
    }

    #[test]
    fn what_is_wrong_is_one_line_with_the_setting() {
        assert_eq!(
            read("2027", "").unwrap_err(),
            "set EMAP_INTERCHANGE_PRESET to one of main, develop, 2026 (it is \"2027\")"
        );
        for (features, reason) in [
            ("+admission_typ", "there is no feature \"admission_typ\"; they are pending_discharge, "),
            ("admission_type", "\"admission_type\" begins neither with + nor with -"),
            ("+waveform_low_freq", "waveform_low_freq needs waveform_split"),
        ] {
            let error = read("main", features).unwrap_err();
            assert!(error.starts_with("set EMAP_INTERCHANGE_FEATURES to a list"), "{error}");
            assert!(error.contains(reason) && !error.contains('\n'), "{error}");
        }
        assert!(read("2026", "-waveform_split").is_err());
    }
}
