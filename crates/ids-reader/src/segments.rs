//! Which segments have notes of their own.
//!
//! Notes and observations belong to what they follow. Local segments (Z…) and most standard ones are looked through: what
//! follows them belongs to what stands before. A segment that may have notes of its own keeps them; if it is not
//! read, they are not read either.

/// Standard segments that have no notes (NTE), in any version of HL7 up to 2.9, or whose notes the orders and problems
/// of our feeds do not have. Sorted.
const WITHOUT_NOTES: [&str; 97] = [
    "ABS", "ACC", "ADD", "AFF", "AIG", "AIL", "AIP", "AIS", "AL1", "APR", "ARQ", "ARV", "AUT", "BLC", "BLG",
    "BUI", "CER", "CON", "CSP", "CSR", "CSS", "CTD", "CTI", "DB1", "DEV", "DG1", "DRG", "DSC", "DSP", "ECD",
    "EDU", "EQU", "ERR", "EVN", "FAC", "FT1", "GP1", "GP2", "GSC", "GSP", "GSR", "GT1", "IAM", "IAR", "IN1",
    "IN2", "IN3", "INV", "IPC", "LAN", "MRG", "MSA", "MSH", "NK1", "NSC", "OH1", "OH2", "OH3", "OH4", "ORG",
    "OVR", "PAC", "PCE", "PD1", "PDA", "PES", "PID", "PR1", "PRA", "PRD", "PRT", "PSG", "PSL", "PTH", "PV1",
    "PV2", "QAK", "QPD", "QRD", "QRF", "REL", "RF1", "ROL", "RXC", "RXR", "SAC", "SCH", "SFT", "SHP", "SPM",
    "STF", "TQ1", "TQ2", "UAC", "UB1", "UB2", "VAR",
];

/// Whether a segment is looked through: what follows it does not belong to it.
pub(crate) fn is_looked_through(name: &str) -> bool {
    name.starts_with('Z') || WITHOUT_NOTES.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_can_be_searched() {
        assert!(WITHOUT_NOTES.is_sorted());
    }

    #[test]
    fn local_and_standard_segments_are_looked_through() {
        for name in ["ZPV", "Z", "PV1", "DG1", "ROL", "PRT"] {
            assert!(is_looked_through(name), "{name}");
        }
    }

    #[test]
    fn segments_with_notes_of_their_own_and_unknown_ones_are_not() {
        for name in ["obx", "prb", "zpv", "OBX", "GOL", "RXO", "XYZ", ""] {
            assert!(!is_looked_through(name), "{name}");
        }
    }
}
