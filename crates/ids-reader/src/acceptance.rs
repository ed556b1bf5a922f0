//! What every message must have, whatever its type, before anything is read from it.

use crate::{reasons::RejectReason, received::Received, views::Obx};

/// Fewer field separators than this are a stump: a header alone has as many.
const FEWEST_SEPARATORS: usize = 11;

/// Versions of HL7 that are read. All are read by the rules of 2.6.
const VERSIONS: [&str; 12] =
    ["2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1"];

/// Data types of HL7 v2.6, sorted.
const DATA_TYPES: [&str; 89] = [
    "AD", "AUI", "CCD", "CCP", "CD", "CE", "CF", "CNE", "CNN", "CP", "CQ", "CSU", "CWE", "CX", "DDI", "DIN",
    "DLD", "DLN", "DLT", "DR", "DT", "DTM", "DTN", "ED", "EI", "EIP", "ELD", "ERL", "FC", "FN", "FT", "GTS",
    "HD", "ICD", "ID", "IS", "JCC", "LA1", "LA2", "MA", "MO", "MOC", "MOP", "MSG", "NA", "NDL", "NM", "NR",
    "OCD", "OSD", "OSP", "PIP", "PL", "PLN", "PPN", "PRL", "PT", "PTA", "QIP", "QSC", "RCD", "RFR", "RI",
    "RMC", "RP", "RPT", "SAD", "SCV", "SI", "SN", "SPD", "SPS", "SRT", "ST", "TM", "TQ", "TS", "TX", "UVC",
    "VH", "VID", "VR", "WVI", "WVS", "XAD", "XCN", "XON", "XPN", "XTN",
];

pub(crate) fn check(received: &Received) -> Result<(), RejectReason> {
    check_length(received)?;
    check_header(received)?;
    received.message.segments().iter().filter(|segment| segment.is(Obx::NAME)).try_for_each(|segment| {
        let obx = Obx::of(segment);
        if has_data_type(&obx) { Ok(()) } else { Err(RejectReason::DataType(obx.data_type_place())) }
    })
}

fn check_length(received: &Received) -> Result<(), RejectReason> {
    let separator = received.message.separators().field;
    let mut separators = received.message.raw().bytes().filter(|&byte| byte == separator);
    separators.nth(FEWEST_SEPARATORS - 1).map(drop).ok_or(RejectReason::Truncated(FEWEST_SEPARATORS))
}

fn check_header(received: &Received) -> Result<(), RejectReason> {
    let msh = &received.msh;
    let message_type = msh.message_type();
    if message_type.is_absent() || (msh.trigger().is_absent() && !message_type.is("ACK")) {
        return Err(RejectReason::MessageType);
    }
    let version = msh.version();
    let known = version.as_text().is_some_and(|version| VERSIONS.contains(&version));
    if known { Ok(()) } else { Err(RejectReason::Version) }
}

/// A value needs a known type; a type without a value is left alone, whatever it is.
fn has_data_type(obx: &Obx) -> bool {
    let data_type = obx.data_type();
    if data_type.is_absent() {
        return !obx.has_value();
    }
    obx.value_is_missing() || data_type.as_text().is_some_and(|name| DATA_TYPES.binary_search(&name).is_ok())
}

#[cfg(test)]
mod tests {
    use super::DATA_TYPES;

    #[test]
    fn data_types_can_be_searched() {
        assert!(DATA_TYPES.is_sorted());
    }
}
