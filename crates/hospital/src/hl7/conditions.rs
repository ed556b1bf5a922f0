//! Allergies, problems and infections.

use std::fmt::{Result, Write};

use super::segments::{Day, Known, Stamp};
use crate::conditions::{Allergy, Infection, Problem};

pub(super) fn write_allergies(text: &mut String, allergies: &[Allergy]) -> Result {
    for (number, allergy) in (1_u32..).zip(allergies) {
        let Allergy { id, is_new, kind, allergen, severity, reactions, reported } = allergy;
        let (action, reactions) = (if *is_new { "A" } else { "U" }, reactions.join("~"));
        write!(text, "IAM|{number}|{kind}|^{allergen}|{severity}|{reactions}|{action}|{id}||||20190630||")?;
        write!(text, "{}||||Active\r", Stamp(*reported))?;
    }
    Ok(())
}

pub(super) fn write_problems(text: &mut String, problems: &[Problem]) -> Result {
    for (number, problem) in (1_u32..).zip(problems) {
        let Problem { id, is_new, is_resolved, code, name, updated } = problem;
        let action = if *is_new { "AD" } else { "UP" };
        let (status, resolved) =
            if *is_resolved { ("RESOLVED", Some(Day(*updated))) } else { ("ACTIVE", None) };
        let (day, resolved) = (Day(*updated), Known(resolved));
        write!(
            text,
            "PRB|{action}|{}|{code}^{name}^I10UK|{id}|||{day}||{resolved}||||{status}",
            Stamp(*updated)
        )?;
        write!(text, "|||20240115\rNTE|{number}||Seen on the ward round~Plan as discussed\r")?;
    }
    Ok(())
}

pub(super) fn write_infection(text: &mut String, infection: &Infection) -> Result {
    write!(text, "ZIF|{}^{}\r", infection.name, Stamp(infection.added))
}
