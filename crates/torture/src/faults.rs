//! Carrying a fault out.

mod broker;
mod database;
mod lines;
mod outcome;
mod process;

pub(crate) use self::outcome::Outcome;

use emap_test_support::faults::schedule::Planned;
use fastrand::Rng;

use crate::{
    kinds::{Kind, Lane},
    site::Site,
};

/// What ends most transactions.
const COMMIT: &str = "COMMIT";

/// Lets the fault happen, to its end.
///
/// # Errors
/// What it is done to does not allow it: a mistake in this program, or a machine out of something.
pub(crate) fn happen(site: &Site<'_>, kind: &Kind, planned: &Planned) -> anyhow::Result<Outcome> {
    let mut random = Rng::with_seed(planned.chance.into());
    let (what, lasts, random) = (kind.what, planned.lasts, &mut random);
    match kind.lane {
        Lane::SendLine => Ok(lines::mllp(&site.lines.send, what, lasts, random)),
        Lane::DatabaseLine => {
            let commit = site.names.databases.commits_with();
            Ok(lines::postgres((&site.lines.database, commit), what, lasts, random))
        }
        Lane::AppendLine => Ok(lines::postgres((&site.lines.append, COMMIT), what, lasts, random)),
        Lane::ActionsLine => Ok(lines::actions(&site.lines.actions, what, lasts, random)),
        Lane::StoreLine => Ok(lines::postgres((&site.lines.store, COMMIT), what, lasts, random)),
        Lane::ProgressLine => Ok(lines::postgres((&site.lines.progress, COMMIT), what, lasts, random)),
        Lane::StarLine => Ok(lines::postgres((&site.lines.star, COMMIT), what, lasts, random)),
        Lane::PublishLine => Ok(lines::amqp(&site.lines.publish, what, lasts, random)),
        Lane::ConsumeLine => Ok(lines::amqp(&site.lines.consume, what, lasts, random)),
        Lane::Connector => process::happen(site.connector, what, lasts, random),
        Lane::Reader => process::happen(site.reader, what, lasts, random),
        Lane::Core => process::happen(site.core, what, lasts, random),
        Lane::Store => database::of_store(site, what, lasts),
        Lane::Star => database::of_star(site, what, lasts, random),
        Lane::Broker => broker::happen(site, what, lasts),
    }
}
