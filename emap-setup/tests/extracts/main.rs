//! From the hospital's databases to the star database: `hoover run` and `core run` as processes, between the stand-in
//! for SQL Server, real PostgreSQL and real RabbitMQ.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod outcomes;
mod site;
mod snapshot;

use crate::site::Site;

/// Messages that one pass over the sources gives.
const MESSAGES: usize = 51;

#[test]
fn the_star_shows_what_the_sources_hold_and_a_second_pass_changes_nothing() {
    let site = Site::new();
    let core = site.core();
    site.hoover();
    site.until_processed(MESSAGES);
    outcomes::assert_all(&site.star, 1);
    let first = snapshot::of(&site.star);

    site.star.execute("DELETE FROM etl_hoover_progress");
    site.hoover();
    site.until_processed(2 * MESSAGES);
    core.stop();
    outcomes::assert_all(&site.star, 2);
    snapshot::assert_same(&snapshot::of(&site.star), &first);
    assert_eq!(site.broken_rules(), "");
}
