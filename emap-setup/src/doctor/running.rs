//! What the engine runs under the instance's project name: containers of this instance, and of others that have the name.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use crate::{
    environment::{DIRECTORY, SUFFIX},
    program::read,
    reach::Services,
};

/// One line for each container: labels of its project, the directory that compose was called for, its service, its
/// ports, and what is mounted into it.
const FORMAT: &str = "{{.Label \"com.docker.compose.project\"}}\t{{.Label \"com.docker.compose.project.working_dir\"}}\t\
                      {{.Label \"com.docker.compose.service\"}}\t{{.Ports}}\t{{.Mounts}}";

/// Containers that run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Running {
    services: Vec<String>,
    ports: BTreeSet<u16>,
    others: BTreeSet<PathBuf>,
}

/// By what this instance's containers are known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Own<'s> {
    /// The directory of the instance.
    pub(super) directory: &'s Path,
    /// The first compose file; compose gives its directory to the containers as the one that it was called for.
    pub(super) compose_file: Option<&'s PathBuf>,
    /// What the compose files declare.
    pub(super) services: &'s Services,
}

impl Running {
    /// Those of a project name. None if the engine cannot be asked, which is a finding of its own.
    pub(super) fn of(project: &str, own: Own<'_>) -> Self {
        let filter = format!("label=com.docker.compose.project={project}");
        let printed = read(&["docker", "ps", "--no-trunc", "--filter", &filter, "--format", FORMAT]);
        Self::parse(&printed.unwrap_or_default(), project, own)
    }

    fn parse(printed: &str, project: &str, own: Own<'_>) -> Self {
        let mut running = Self::default();
        for line in printed.lines() {
            let [name, called_for, service, ports, mounts] = line.split('\t').collect::<Vec<_>>()[..] else {
                continue;
            };
            if name != project {
                continue;
            }
            match owner(mounts, called_for, own) {
                Some(other) => {
                    running.others.insert(other);
                }
                None if own.services.ports(service).is_some() => {
                    running.services.push(service.to_owned());
                    running.ports.extend(ports.split(", ").flat_map(published));
                }
                None => {}
            }
        }
        running.services.sort();
        running
    }

    /// Services of this instance.
    pub(super) fn services(&self) -> &[String] {
        &self.services
    }

    /// Whether a service of this instance runs.
    pub(super) fn has(&self, service: &str) -> bool {
        self.services.iter().any(|running| running == service)
    }

    /// Whether a container of this instance has the port of this machine.
    pub(super) fn publishes(&self, port: u16) -> bool {
        self.ports.contains(&port)
    }

    /// Directories of other instances or projects with the name.
    pub(super) fn others(&self) -> impl Iterator<Item = &Path> {
        self.others.iter().map(PathBuf::as_path)
    }
}

/// The directory of another instance that a container belongs to; none if it is ours.
///
/// Instances that share a checkout differ in the files of settings that are mounted alone. Of a container without such a
/// file, what compose was called for has to do.
fn owner(mounts: &str, called_for: &str, own: Own<'_>) -> Option<PathBuf> {
    let mut instances = mounts.split(',').map(Path::new).filter_map(instance);
    if let Some(directory) = instances.next() {
        return (!is_same(directory, own.directory)).then(|| directory.to_owned());
    }
    let ours = own.compose_file.and_then(|file| file.parent());
    let called_for = Path::new(called_for);
    let is_ours = called_for.as_os_str().is_empty() || ours.is_none_or(|ours| is_same(called_for, ours));
    (!is_ours).then(|| called_for.to_owned())
}

/// The instance whose file of settings this is.
fn instance(path: &Path) -> Option<&Path> {
    let is_settings = path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.ends_with(SUFFIX));
    let directory = path.parent().filter(|directory| directory.ends_with(DIRECTORY) && is_settings)?;
    directory.parent()
}

fn is_same(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    one == other || whole(one) == whole(other)
}

/// Ports of this machine in `[ADDRESS:]PORT[-PORT]->CONTAINER_PORT/tcp`; none if nothing is published.
fn published(text: &str) -> std::ops::RangeInclusive<u16> {
    let range = || {
        let (_, ports) = text.split_once("->")?.0.rsplit_once(':')?;
        let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
        Some(first.parse().ok()?..=last.parse().ok()?)
    };
    #[allow(clippy::reversed_empty_ranges, reason = "the empty range")]
    range().unwrap_or(1..=0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Containers of the project `lane`, whose instance lies in `/lane` and has the services `core` and `db`.
    fn parse(lines: &[&str]) -> Running {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "services: {core: {}, db: {}}").unwrap();
        let services = Services::of(&[file.path().to_owned()], &[]);
        let compose_file = PathBuf::from("/emap/docker/core/docker-compose.yml");
        let own =
            Own { directory: Path::new("/lane"), compose_file: Some(&compose_file), services: &services };
        Running::parse(&lines.join("\n").replace(' ', "\t").replace(';', ", "), "lane", own)
    }

    #[test]
    fn containers_of_this_instance_with_the_ports_that_they_publish() {
        let running = parse(&[
            "lane /emap/docker/core core 0.0.0.0:9000->8080/tcp;:::9000->8080/tcp;5671/tcp /lane/config/core-config-envs",
            "lane /emap/docker/core db 127.0.0.1:7000-7002->7000-7002/tcp lane_db_data",
            "lane /emap/docker/core stranger 0.0.0.0:9009->1/tcp ",
            "lane2 /x core 0.0.0.0:9008->1/tcp /x/config/core-config-envs",
            "output of docker",
        ]);
        assert_eq!(running.services(), ["core", "db"]);
        assert!(running.has("db") && !running.has("stranger"));
        assert_eq!(running.ports.iter().copied().collect::<Vec<_>>(), [7000, 7001, 7002, 9000]);
        assert_eq!(running.others().count(), 0);
    }

    #[test]
    fn others_with_the_name_are_known_by_their_settings_or_else_by_what_compose_was_called_for() {
        let running = parse(&[
            "lane /emap/docker/core core 0.0.0.0:9000->8080/tcp lane_data,/other/config/core-config-envs",
            "lane /emap-next/docker/core db  /lane/config/db-envs",
            "lane /somewhere web 0.0.0.0:80->80/tcp /somewhere/html",
        ]);
        assert_eq!(running.services(), ["db"]);
        assert_eq!(running.others().collect::<Vec<_>>(), [Path::new("/other"), Path::new("/somewhere")]);
        assert!(!running.publishes(9000));
    }
}
