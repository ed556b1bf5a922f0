//! Invented messages.

/// A message about Alex Roe.
pub(crate) fn adt(trigger: &str, id: &str, rest: &str) -> String {
    format!(
        "MSH|^~\\&|SA|SF|RA|RF|20170731141348||ADT^{trigger}|{id}|P|2.3\rPID|1||55^^^H^MRN~999^^^^NHS||ROE^ALEX||19700102|F\r{rest}"
    )
}

/// A visit with admission.
pub(crate) fn visit() -> String {
    format!("PV1|1|INPATIENT|W1^B2^C3|||W0|{}V9{}202007020304\r", "|".repeat(12), "|".repeat(25))
}
