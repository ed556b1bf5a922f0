//! Rows that are committed one at a time on one connection: what the disk and the server make of a sender that waits.

use std::time::{Duration, Instant};

use diesel::{RunQueryDsl, sql_query, sql_types::Text};

use crate::{figures::Measured, sample::Sample, site::Site};

const AT_LEAST: Duration = Duration::from_secs(1);

/// Inserts the sample's texts.
pub(crate) fn measure(site: &Site, sample: &Sample) -> anyhow::Result<Measured> {
    site.sql("CREATE TABLE single_rows (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text varchar)")?;
    let mut connection = site.connect()?;
    let (begin, mut count) = (Instant::now(), 0);
    for text in sample.texts.iter().cycle() {
        if begin.elapsed() >= AT_LEAST {
            break;
        }
        sql_query("INSERT INTO single_rows (text) VALUES ($1)")
            .bind::<Text, _>(text)
            .execute(&mut connection)?;
        count += 1;
    }
    let elapsed = begin.elapsed();
    site.sql("DROP TABLE single_rows")?;
    Ok(Measured::new(count, elapsed))
}
