//! What an analyst sees in the star, by plain SQL.

use emap_local_services::postgres::Server;

use super::pipeline::Figures;
use crate::{
    databases::STAR,
    output::{heading, line},
};

/// Headings and queries, in the order of printing.
const QUERIES: [(&str, &str); 10] = [
    ("In the hospital at the end of the day, by ward:", include_str!("queries/in_patients.sql")),
    ("Those of them whom research may see (one opted out):", include_str!("queries/research.sql")),
    (
        "The way of one patient (encounter 7100010; nobody reported the stay on SUR, the next move shows it):",
        include_str!("queries/journey.sql"),
    ),
    ("The vital signs of another (encounter 7100001):", include_str!("queries/vital_signs.sql")),
    ("What the laboratories reported:", include_str!("queries/laboratory.sql")),
    ("A form that was filled in:", include_str!("queries/form.sql")),
    ("To bear in mind of those who are in the hospital:", include_str!("queries/to_bear_in_mind.sql")),
    ("Expected to leave, and cared for by another speciality:", include_str!("queries/expected.sql")),
    ("What became of the messages:", include_str!("queries/outcomes.sql")),
    ("What could not be used, and why:", include_str!("queries/rejects.sql")),
];

/// Prints the tables and figures.
pub(super) fn print(server: &Server, figures: &Figures) -> anyhow::Result<()> {
    for (title, query) in QUERIES {
        heading(title);
        line(server.table(STAR.name, query)?);
    }
    heading("Rows per table:");
    line(server.table(STAR.name, &row_counts(server)?)?);
    heading(summary(figures));
    Ok(())
}

/// A query that counts the rows of every table that has any.
fn row_counts(server: &Server) -> anyhow::Result<String> {
    let tables = format!(
        "SELECT table_name FROM information_schema.tables \
         WHERE table_schema = '{}' AND table_type = 'BASE TABLE' \
         AND table_name NOT LIKE '\\_\\_%' ORDER BY 1",
        STAR.schema
    );
    let tables = server.query(STAR.name, &tables)?;
    let counts: Vec<_> = tables
        .lines()
        .map(|table| format!("SELECT '{table}' AS table, count(*) AS rows FROM {table}"))
        .collect();
    Ok(format!("SELECT * FROM ({}) AS counts WHERE rows > 0 ORDER BY 1", counts.join(" UNION ALL ")))
}

fn summary(figures: &Figures) -> String {
    let Figures { reader, core, extracts, elapsed } = figures;
    let messages = core.messages.saturating_sub(*extracts);
    if messages == 0 {
        return "Nothing new in the message store: everything had been processed before.".to_owned();
    }
    let seconds = elapsed.as_secs_f64();
    let per_second = f64::from(u32::try_from(messages).unwrap_or(u32::MAX)) / seconds;
    format!(
        "{} HL7 messages read, {} rejected; {} interchange messages processed, {} in error; \
         {seconds:.2} s from store to star, {per_second:.0} messages/s",
        reader.rows, reader.rejected, messages, core.errors
    )
}
