//! Allergies, infections and problems, field by field.
#![allow(clippy::unwrap_used)]

mod allergies;
mod infections;
mod problems;
#[path = "../support/mod.rs"]
mod support;

use emap_interchange::InterchangeValue;

fn save(text: &str) -> InterchangeValue<String> {
    InterchangeValue::Save(text.to_owned())
}

/// A segment with some of its fields set.
fn segment(name: &str, fields: &[(usize, &str)]) -> String {
    let last = fields.iter().map(|(number, _)| *number).max().unwrap_or_default();
    let mut texts = vec![""; last + 1];
    texts[0] = name;
    for (number, text) in fields {
        texts[*number] = text;
    }
    texts.join("|")
}

/// The fields with some of them set to other text.
fn changed<'f>(fields: &[(usize, &'f str)], changes: &[(usize, &'f str)]) -> Vec<(usize, &'f str)> {
    [fields, changes].concat()
}
