//! The findings as text for people.

use std::io::{self, Write};

use emap_interchange::Message;

use super::{
    contents::Cell,
    differences::{self, Difference},
    findings::{Findings, Outlet},
};

/// Writes the messages by number, then a line for each table, then, under a table with several contents, each of them:
/// how many orders lead to it, the first of these, and how it differs from the content of the first order of all. Of a
/// shortened stream these are written instead of the whole's.
///
/// # Errors
/// When nothing more can be written.
pub fn write(out: &mut impl Write, messages: &[Message], findings: &Findings) -> io::Result<()> {
    for (number, message) in (1..).zip(messages) {
        let class = message.class_name().rsplit('.').next().unwrap_or_default();
        writeln!(out, "{number:>4}  {class} {}", message.source_message_id.as_deref().unwrap_or("-"))?;
    }
    writeln!(out, "\n{:<28}{:>9}{:>9}", "table", "contents", "orders")?;
    for table in &findings.tables {
        writeln!(out, "{:<28}{:>9}{:>9}", table.name, table.contents.len(), findings.orders)?;
        match &table.shortest {
            Some(shortest) => {
                writeln!(out, "  messages {} alone show it", numbers(&shortest.stream))?;
                write_contents(out, &shortest.contents)?;
            }
            None if table.contents.len() > 1 => write_contents(out, &table.contents)?,
            None => {}
        }
    }
    for failure in &findings.failures {
        writeln!(
            out,
            "message {} failed in {} of {} orders: {}",
            failure.message + 1,
            failure.orders,
            findings.orders,
            failure.reason
        )?;
    }
    Ok(())
}

fn write_contents(out: &mut impl Write, contents: &[Outlet]) -> io::Result<()> {
    let Some(original) = contents.first() else { return Ok(()) };
    for outlet in contents {
        writeln!(out, "  {} orders, first {}", outlet.orders, numbers(&outlet.first))?;
        for difference in differences::between(&original.content, &outlet.content) {
            match difference {
                Difference::Lost(row) => writeln!(out, "    - {}", whole(row))?,
                Difference::Added(row) => writeln!(out, "    + {}", whole(row))?,
                Difference::Changed(before, after) => write_changed(out, original, before, after)?,
            }
        }
    }
    Ok(())
}

/// Positions as the numbers by which the messages are listed.
fn numbers(positions: &[usize]) -> String {
    let numbers: Vec<_> = positions.iter().map(|position| (position + 1).to_string()).collect();
    numbers.join(" ")
}

fn write_changed(out: &mut impl Write, original: &Outlet, before: &[Cell], after: &[Cell]) -> io::Result<()> {
    let same = |(before, after): &(&Cell, &Cell)| before.text == after.text;
    let pairs = || before.iter().zip(after);
    let kept: Vec<_> = pairs().filter(same).map(|(cell, _)| cell).collect();
    let names: Vec<_> = kept.iter().copied().filter(|cell| cell.names_the_row).collect();
    let named = original.content.rows().iter().filter(|row| names.iter().all(|name| row.contains(name)));
    // Where the links do not identify the row, everything that stayed helps.
    let which: Vec<_> = if named.count() > 1 { kept } else { names }.into_iter().map(shown).collect();
    let changes: Vec<_> = pairs()
        .filter(|pair| !same(pair))
        .map(|(before, after)| format!("{}: {} -> {}", before.column, before.text, after.text))
        .collect();
    writeln!(out, "    ~ {} | {}", which.join(", "), changes.join(", "))
}

fn whole(row: &[Cell]) -> String {
    row.iter().map(shown).collect::<Vec<_>>().join(", ")
}

fn shown(cell: &Cell) -> String {
    format!("{}={}", cell.column, cell.text)
}
