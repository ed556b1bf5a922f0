//! Whether the programs that receive an instance's messages understand all that its reader is set to send.
//!
//! Programs of the system that we replace refuse a class or a property that they do not know, and the message is lost
//! to them (`docs/decisions/which-generation.md`). Ours understand everything.

use emap_feed::features;
use emap_interchange::Feature;

use crate::{
    configuration::Configuration,
    deployment::Deployment,
    environment::{CORE, READER},
};

/// The image of our core, without registry and tag.
const OUR_IMAGE: &str = "emap-core";

/// The settings that choose what is sent.
const SETTINGS: [&str; 2] = ["EMAP_INTERCHANGE_PRESET", "EMAP_INTERCHANGE_FEATURES"];

/// What may be wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// With file and line of the setting, if the file has it.
    pub what: String,
    /// In words.
    pub what_to_do: String,
}

/// None if nothing newer than the oldest generation is sent, or if our core receives it. What is wrong with the settings
/// themselves is said by the reader.
pub fn doubt(configuration: &Configuration, deployment: &Deployment) -> Option<Doubt> {
    let settings = deployment.settings(READER, &[features::KEYS])?.ok()?;
    let chosen = features::from_settings(&settings).ok()?;
    let sent: Vec<&str> =
        Feature::ALL.iter().filter(|feature| chosen.has(**feature)).map(|feature| feature.as_str()).collect();
    let stranger = stranger(deployment).filter(|_| !sent.is_empty())?;
    let given = SETTINGS.map(|key| (key, deployment.variable(READER, key)));
    let given: Vec<(&str, String)> =
        given.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
    let place = given.first().map_or_else(String::new, |(key, _)| configuration.whereabouts(key));
    let given: Vec<String> = given.iter().map(|(key, value)| format!("{key} is {value}")).collect();
    Some(Doubt {
        what: format!(
            "{place}{}, but {stranger}; a program that does not know {} refuses such messages, and they are lost to it",
            given.join(", "),
            sent.join(", ")
        ),
        what_to_do: format!("make sure that it understands them, or set {} to main", SETTINGS[0]),
    })
}

/// Why another program than our core may receive what the reader sends.
fn stranger(deployment: &Deployment) -> Option<String> {
    let broker = |file| {
        let host = deployment.variable(file, "SPRING_RABBITMQ_HOST")?;
        let port = deployment.variable(file, "SPRING_RABBITMQ_PORT").unwrap_or_else(|| "5672".to_owned());
        Some(format!("{host}:{port}"))
    };
    if let (Some(ours), Some(of_core)) = (broker(READER), broker(CORE))
        && ours != of_core
    {
        return Some(format!(
            "hl7-reader sends to the broker {ours}, from which core of this instance takes nothing"
        ));
    }
    deployment.services.ports("core")?;
    match deployment.services.image("core") {
        Some(image) if name_of(image) == OUR_IMAGE => None,
        Some(image) => Some(format!("the image of core is {image}, not ours")),
        None => Some("the image of core has no name, so it is not ours".to_owned()),
    }
}

/// Without registry, tag and digest.
fn name_of(image: &str) -> &str {
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split([':', '@']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_ours_wherever_it_comes_from() {
        for image in ["emap-core", "emap-core:1.2", "registry.example:5000/emap/emap-core@sha256:00"] {
            assert_eq!(name_of(image), OUR_IMAGE);
        }
        assert_eq!(name_of("registry.example/core:1"), "core");
    }
}
