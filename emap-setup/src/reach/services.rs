//! The services that an instance's compose files declare, and the ports that they publish on this machine.

use std::{collections::BTreeMap, fs, path::PathBuf};

use crate::configuration::Document;

/// The services by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Services {
    by_name: BTreeMap<String, Service>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Service {
    /// In the container, and on this machine.
    ports: Vec<(u16, u16)>,
    image: Option<String>,
}

impl Services {
    /// Of compose files. A file that is missing or cannot be read declares nothing here: compose itself reports that.
    pub fn of(files: &[PathBuf], variables: &[(String, String)]) -> Self {
        let mut services = Self::default();
        for text in files.iter().filter_map(|file| fs::read_to_string(file).ok()) {
            services.add(&text, variables);
        }
        services
    }

    fn add(&mut self, text: &str, variables: &[(String, String)]) {
        let Ok(document) = Document::parse(text) else { return };
        let declared = document.top.get("services").map(|node| node.children().collect::<Vec<_>>());
        for (name, service) in declared.unwrap_or_default() {
            let ports = service.child("ports").map(crate::configuration::Node::items).unwrap_or_default();
            let ports = ports.iter().filter_map(|port| published(port.as_scalar()?.text(), variables));
            let image = service.child("image").and_then(crate::configuration::Node::as_scalar);
            let known = self.by_name.entry(name.to_owned()).or_default();
            known.ports.extend(ports);
            // Of several files the later one counts.
            known.image = image.map(|image| expanded(image.text(), variables)).or(known.image.take());
        }
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// Ports in the container and on this machine; none if there is no such service.
    pub fn ports(&self, name: &str) -> Option<&[(u16, u16)]> {
        self.by_name.get(name).map(|service| service.ports.as_slice())
    }

    /// The image of a service, with its tag; none if there is no such service or its image has no name.
    pub fn image(&self, name: &str) -> Option<&str> {
        self.by_name.get(name)?.image.as_deref()
    }
}

/// Ports of `[ADDRESS:]HOST_PORT:CONTAINER_PORT`, in which `${NAME}` or `${NAME:-DEFAULT}` stands for a variable.
fn published(text: &str, variables: &[(String, String)]) -> Option<(u16, u16)> {
    let text = expanded(text, variables);
    let mut parts = text.rsplit(':');
    let container = parts.next()?.split('/').next()?.parse().ok()?;
    let host = parts.next()?.parse().ok()?;
    Some((container, host))
}

fn expanded(text: &str, variables: &[(String, String)]) -> String {
    let mut pieces = text.split("${");
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once('}').unwrap_or((piece, ""));
        let (name, default) = name.split_once(":-").unwrap_or((name, ""));
        // Of a variable that stands twice the later value counts.
        let value = variables.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        whole.push_str(value.filter(|value| !value.is_empty()).unwrap_or(default));
        whole.push_str(rest);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::Reached;

    #[test]
    fn what_containers_call_by_name_is_reached_where_it_is_published() {
        let mut services = Services::default();
        let variables =
            [("RABBITMQ_PORT".to_owned(), "5700".to_owned()), ("EMPTY".to_owned(), String::new())];
        services.add(
            "x-daemon: &daemon\n  cap_drop: [ALL]\nservices:\n  rabbitmq:\n    image: \"${EMPTY:-here}/broker:4\"\n    ports:\n      - \"${RABBITMQ_PORT}:5672\"\n      \
             - \"127.0.0.1:${EMPTY:-5701}:15672/tcp\"\n  core:\n    <<: *daemon\n    ports: [8080]\n",
            &variables,
        );
        assert_eq!(services.names().collect::<Vec<_>>(), ["core", "rabbitmq"]);
        assert_eq!(services.ports("rabbitmq").unwrap(), [(5672, 5700), (15672, 5701)]);
        assert_eq!((services.image("rabbitmq"), services.image("core")), (Some("here/broker:4"), None));
        let reached = services.reached("rabbitmq", 5672);
        assert_eq!((reached.service(), reached.address()), (Some("rabbitmq"), Some(("127.0.0.1", 5700))));
        assert_eq!(services.reached("core", 8080), Reached::Inside { service: "core".to_owned() });
        assert_eq!(services.reached("db.example", 5432).address(), Some(("db.example", 5432)));
    }

    #[test]
    fn a_file_that_is_no_compose_file_declares_nothing() {
        let mut services = Services::default();
        for text in ["", "- a", "services:\n\t- x", "services: [a]", "services: {a: }"] {
            services.add(text, &[]);
        }
        assert_eq!(services.names().collect::<Vec<_>>(), ["a"]);
    }
}
