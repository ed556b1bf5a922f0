//! Cultures: what grew, and what it responds to.

use super::batteries::Battery;
use crate::chance::Chance;

pub(crate) const BATTERY: Battery =
    Battery { code: "BLC", name: "BLOOD CULTURE", department: "MC", tests: &[] };

/// Code and name.
const ORGANISMS: [(&str, &str); 5] = [
    ("ECOL", "Escherichia coli"),
    ("STAU", "Staphylococcus aureus"),
    ("KLPN", "Klebsiella pneumoniae"),
    ("ENFA", "Enterococcus faecalis"),
    ("CALB", "Candida albicans"),
];

const AGENTS: [&str; 8] = ["AMX", "CXM", "GEN", "CIP", "MEM", "TRI", "VAN", "FLX"];

/// What grew.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Isolate {
    /// Counts from 1.
    pub(crate) number: usize,
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    /// Agents, each with `S`, `I` or `R`.
    pub(crate) sensitivities: Vec<(&'static str, &'static str)>,
}

/// One or two organisms.
pub(crate) fn isolates(chance: &mut Chance) -> Vec<Isolate> {
    let count = 1 + chance.below(2);
    let isolate = |number| {
        let (code, name) = chance.pick(&ORGANISMS);
        let sensitivities = AGENTS.map(|agent| (agent, chance.pick(&["S", "R", "I"])));
        Isolate { number, code, name, sensitivities: sensitivities.into() }
    };
    (1..=count).map(isolate).collect()
}
