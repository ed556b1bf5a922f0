//! What the peers of a site understand: three generations, and the features in which they differ.
//!
//! A peer of the system that we replace refuses classes and properties that it does not know, and the message is lost
//! to it. So readers send what a site's peers understand, and we read what any of them sends.

use std::str::FromStr;

use crate::wire::named::named;

named! {
    /// A generation of peers.
    pub enum Generation {
        /// The release of December 2025.
        Main = "main",
        /// The line of development after it: pending discharges.
        Develop = "develop",
        /// What was seen in 2026: services, admission types, bedside data by channel.
        Latest = "2026",
    }
}

named! {
    /// What some generations have and others do not.
    pub enum Feature {
        /// Planned discharges (A16, A25).
        PendingDischarge = "pending_discharge",
        /// The hospital service of planned movements.
        PendingHospitalService = "pending_hospital_service",
        /// The hospital service of admissions and updates (A01, A08, A28, A31).
        AdtHospitalService = "adt_hospital_service",
        /// The type of an admission.
        AdmissionType = "admission_type",
        /// Changes of the hospital service alone (Z99).
        SubSpeciality = "sub_speciality",
        /// Curves by channel, in a class of their own.
        WaveformSplit = "waveform_split",
        /// Single values from bedside devices.
        WaveformLowFreq = "waveform_low_freq",
    }
}

impl Feature {
    /// The first generation that has it.
    pub const fn generation(self) -> Generation {
        match self {
            Self::PendingDischarge | Self::PendingHospitalService => Generation::Develop,
            Self::AdtHospitalService
            | Self::AdmissionType
            | Self::SubSpeciality
            | Self::WaveformSplit
            | Self::WaveformLowFreq => Generation::Latest,
        }
    }
}

/// A choice of features: a generation's, with single ones added or taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features(u8);

impl Features {
    /// Everything that any generation has.
    pub const ALL: Self = Self(u8::MAX);

    /// Those of a generation.
    pub fn of(generation: Generation) -> Self {
        let mut features = Self(0);
        for feature in Feature::ALL {
            features.set(*feature, feature.generation() <= generation);
        }
        features
    }

    /// Those of a generation, changed as a list says: `+name` or `-name`, with commas between them.
    ///
    /// # Errors
    /// An unknown name, a name without a sign, and single values without channels.
    pub fn chosen(generation: Generation, changes: &str) -> Result<Self, FeatureError> {
        let mut features = Self::of(generation);
        for change in changes.split(',').map(str::trim).filter(|change| !change.is_empty()) {
            let on = match change.chars().next() {
                Some('+') => true,
                Some('-') => false,
                _ => return Err(FeatureError::Sign(change.to_owned())),
            };
            let name = change[1..].trim();
            let feature = Feature::named(name).ok_or_else(|| FeatureError::Unknown(name.to_owned()))?;
            features.set(feature, on);
        }
        if features.has(Feature::WaveformLowFreq) && !features.has(Feature::WaveformSplit) {
            return Err(FeatureError::LowFreqAlone);
        }
        Ok(features)
    }

    /// These and one more.
    #[must_use]
    pub const fn with(self, feature: Feature) -> Self {
        Self(self.0 | 1 << feature as u8)
    }

    /// Whether a feature is among them.
    #[inline]
    pub const fn has(self, feature: Feature) -> bool {
        self.0 & (1 << feature as u8) != 0
    }

    fn set(&mut self, feature: Feature, on: bool) {
        let bit = 1 << feature as u8;
        self.0 = if on { self.0 | bit } else { self.0 & !bit };
    }
}

impl Default for Features {
    /// Those of the oldest generation, so that a reader can take the place of another site's without a setting.
    fn default() -> Self {
        Self::of(Generation::Main)
    }
}

impl FromStr for Generation {
    type Err = FeatureError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::named(name).ok_or_else(|| FeatureError::Generation(name.to_owned()))
    }
}

/// A choice of features that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeatureError {
    /// There is no such generation.
    #[error("{0:?} is not one of main, develop, 2026")]
    Generation(String),
    /// There is no such feature.
    #[error("there is no feature {0:?}; they are {names}", names = feature_names())]
    Unknown(String),
    /// Neither on nor off.
    #[error("{0:?} begins neither with + nor with -")]
    Sign(String),
    /// Receivers of single values from devices are receivers of channels too.
    #[error("waveform_low_freq needs waveform_split")]
    LowFreqAlone,
}

fn feature_names() -> String {
    Feature::ALL.iter().map(|feature| feature.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Feature, FeatureError, Features, Generation};

    #[test]
    fn each_generation_has_what_the_one_before_has() {
        let count =
            |generation| Feature::ALL.iter().filter(|one| Features::of(generation).has(**one)).count();
        assert_eq!([Generation::Main, Generation::Develop, Generation::Latest].map(count), [0, 2, 7]);
        assert_eq!(Features::default(), Features::of(Generation::Main));
    }

    #[test]
    fn single_features_are_added_and_taken_away() {
        let features =
            Features::chosen(Generation::Develop, "+admission_type, -pending_hospital_service,").unwrap();
        let on: Vec<_> = Feature::ALL.iter().copied().filter(|one| features.has(*one)).collect();
        assert_eq!(on, [Feature::PendingDischarge, Feature::AdmissionType]);
    }

    #[test]
    fn what_does_not_exist_cannot_be_chosen() {
        let chosen = |changes| Features::chosen(Generation::Main, changes).unwrap_err();
        assert_eq!(chosen("+admission_typ"), FeatureError::Unknown("admission_typ".to_owned()));
        assert_eq!(chosen("admission_type"), FeatureError::Sign("admission_type".to_owned()));
        assert_eq!(chosen("+waveform_low_freq"), FeatureError::LowFreqAlone);
        assert_eq!("2027".parse::<Generation>(), Err(FeatureError::Generation("2027".to_owned())));
    }
}
