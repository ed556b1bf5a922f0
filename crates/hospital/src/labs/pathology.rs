//! Pathology: specimens are received and reported, as text and as a document.

use chrono::TimeDelta;
use emap_interchange::Instant;

use crate::chance::Chance;

/// A specimen that is received, later reported.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Histology {
    /// Of the specimen.
    pub(crate) number: u64,
    pub(crate) collected: Instant,
    /// Lines; `None` when the specimen is received.
    pub(crate) report: Option<[&'static str; 3]>,
}

/// What follows each report as a document: the bytes of a PDF file, and the same in base64.
pub(crate) const DOCUMENT: (&[u8], &str) = (b"%PDF-1.4 %%EOF\n", "JVBERi0xLjQgJSVFT0YK");

const FINDINGS: [&str; 3] =
    ["Lentigo, no malignancy", "Chronic inflammation", "Margins clear of tumour & scar"];

/// The report of a specimen that was received, or a new one. `open`: numbers of those without a report.
pub(crate) fn histology(open: &mut Vec<u64>, number: u64, at: Instant, chance: &mut Chance) -> Histology {
    let collected = at - TimeDelta::hours(20);
    if open.is_empty() || chance.share(0.2) {
        open.push(number);
        return Histology { number, collected, report: None };
    }
    let number = open.swap_remove(chance.below(open.len()));
    Histology { number, collected, report: Some(["HISTOLOGY REPORT", "", chance.pick(&FINDINGS)]) }
}
