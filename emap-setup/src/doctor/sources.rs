//! The reporting databases: reachable, and their queries return what hoover expects.

use emap_hoover::{
    HooverSettings, RunSettings, SourceSettings, contract,
    data_types::definitions,
    source::{SourceError, SourceName},
    strategy::Definition,
};

use super::{finding::Findings, server, site::Site};
use crate::environment::HOOVER;

/// The databases, and the variables that lead to them.
const SOURCES: [(SourceName, &str); 3] = [
    (SourceName::Clarity, "CLARITY_JDBC_URL"),
    (SourceName::Caboodle, "CABOODLE_JDBC_URL"),
    (SourceName::Ids, "IDS_JDBC_URL"),
];

const TO_DO_OF_QUERY: &str = "see hoover contract; put a query of the site's own into HOOVER_SQL_DIR, or leave the data \
                              type out of HOOVER_DATA_TYPES";

pub(super) fn examine(site: &Site<'_>, findings: &mut Findings) {
    if !site.overlays.hoover {
        return;
    }
    let Some(Ok(settings)) = site.deployment.settings_from_here(HOOVER, HooverSettings::GROUPS) else {
        return;
    };
    // What is wrong with the daemon's own settings is said elsewhere; the sources can be looked at all the same.
    let wanted: Vec<&'static str> = match RunSettings::from_settings(&settings, &[]) {
        Ok(run) => run.data_types,
        Err(_) => definitions().iter().map(|definition| definition.name).collect(),
    };
    let sources = match SourceSettings::from_settings(&settings, &wanted) {
        Ok(sources) => sources,
        Err(error) => {
            let to_do = format!("set it in {}, then run emap setup -g", site.file());
            findings.fail("hoover", error.to_string(), to_do);
            return;
        }
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            findings.warn("hoover", format!("its sources were not looked at: {error}"), "run it again");
            return;
        }
    };
    for (source, variable) in SOURCES {
        let is_of =
            |definition: &&Definition| definition.source == source && wanted.contains(&definition.name);
        let definitions: Vec<&Definition> =
            definitions().into_iter().filter(|definition| is_of(definition)).collect();
        runtime.block_on(source_of(site, (source, variable), &sources, &definitions, findings));
    }
}

async fn source_of(
    site: &Site<'_>,
    (source, variable): (SourceName, &str),
    sources: &SourceSettings,
    definitions: &[&'static Definition],
    findings: &mut Findings,
) {
    let place = site.deployment.place(HOOVER, variable);
    if let Some((host, _)) = place.as_ref().filter(|_| source != SourceName::Ids) {
        server::warn_of_container_itself(source.text(), variable, host, findings);
    }
    let reached = place.as_ref().map(|(_, reached)| reached);
    let mut as_expected = 0;
    for &definition in definitions {
        match check(definition, sources).await {
            Ok(differences) if differences.is_empty() => as_expected += 1,
            Ok(differences) => {
                for difference in differences {
                    findings.fail(
                        definition.name,
                        format!("{} {difference}", definition.file),
                        TO_DO_OF_QUERY,
                    );
                }
            }
            // Every other query would say the same.
            Err(Failure { is_of_the_server: true, .. })
                if site.explains_absence((source.text(), HOOVER), reached, findings) =>
            {
                return;
            }
            Err(Failure { text, is_of_the_server: true }) => {
                let to_do = format!("correct {variable}, user and password in {}", site.file());
                findings.fail(source.text(), text, to_do);
                return;
            }
            Err(Failure { text, .. }) => findings.fail(definition.name, text, TO_DO_OF_QUERY),
        }
    }
    if as_expected > 0 {
        findings.ok(source.text(), format!("{as_expected} queries return what they must"));
    }
}

struct Failure {
    text: String,
    is_of_the_server: bool,
}

impl Failure {
    fn of_server(error: &impl ToString) -> Self {
        Self { text: error.to_string(), is_of_the_server: true }
    }

    fn of_query(error: &impl ToString) -> Self {
        Self { text: error.to_string(), is_of_the_server: false }
    }
}

/// In what the result of a query differs from its contract.
async fn check(definition: &'static Definition, sources: &SourceSettings) -> Result<Vec<String>, Failure> {
    let sql = sources.queries.of(definition).map_err(|error| Failure::of_query(&error))?;
    let database = sources.database(definition).map_err(|error| Failure::of_server(&error))?;
    match contract::check(definition, &sql, database.as_ref(), sources.clock).await {
        Ok(differences) => Ok(differences.iter().map(ToString::to_string).collect()),
        Err(error @ (SourceError::Unreachable(_) | SourceError::LoginRefused(_))) => {
            Err(Failure::of_server(&error))
        }
        Err(error) => Err(Failure::of_query(&error)),
    }
}
