//! Cultures: what grew, and what it responds to.

use std::fmt::{Result, Write};

use super::batteries::Battery;
use super::{Moment, Sample, Stamp};
use crate::bench::stream::chance::Chance;

pub(super) const BATTERY: Battery = Battery {
    code: "BLC",
    name: "BLOOD CULTURE",
    department: "MC",
    specimen: "BLD^Blood^Venepuncture",
    tests: &[],
};

/// Code and name.
const ORGANISMS: [(&str, &str); 5] = [
    ("ECOL", "Escherichia coli"),
    ("STAU", "Staphylococcus aureus"),
    ("KLPN", "Klebsiella pneumoniae"),
    ("ENFA", "Enterococcus faecalis"),
    ("CALB", "Candida albicans"),
];

const AGENTS: [&str; 8] = ["AMX", "CXM", "GEN", "CIP", "MEM", "TRI", "VAN", "FLX"];

/// One or two organisms, each with its sensitivities, which are an order of their own behind the culture's.
pub(super) fn write_results(
    text: &mut String,
    sample: &Sample,
    moment: Moment,
    chance: &mut Chance,
) -> Result {
    let status = sample.event.codes().2;
    let isolates = 1 + chance.below(2);
    for isolate in 1..=isolates {
        let (code, name) = ORGANISMS[chance.below(ORGANISMS.len())];
        let (one, other) = (isolate * 2 - 1, isolate * 2);
        write!(text, "OBX|{one}|ST|ISOLATE^ISOLATE^Winpath|{isolate}|")?;
        write!(text, "Aerobic bottle culture yields:||||||{status}\r")?;
        write!(text, "OBX|{other}|CE|ISOLATE^ISOLATE^Winpath|{isolate}|{code}^{name}|||A|||{status}\r")?;
    }
    let (placer, filler) = (sample.number * 10 + 1, sample.number);
    let (collected, reported) = (Stamp(sample.collected), Stamp(moment.at));
    for isolate in 1..=isolates {
        let order = isolate + 1;
        write!(text, "ORC|RE|{placer}^EPC|L{filler:08}^WinPath||CM\r")?;
        write!(
            text,
            "OBR|{order}|{placer}^EPC|L{filler:08}^WinPath|SENS^SENSITIVITIES^WinPath|||{collected}"
        )?;
        // OBR-8 to OBR-21 are empty.
        write!(text, "{}{reported}||MC|F|ISOLATE&ISOLATE&Winpath^{isolate}\r", "|".repeat(15))?;
        for (number, agent) in (1..).zip(AGENTS) {
            let response = ["S", "R", "I"][chance.below(3)];
            write!(text, "OBX|{number}|ST|{agent}^{agent}^Winpath||{agent}|||{response}|||{status}\r")?;
        }
    }
    Ok(())
}
