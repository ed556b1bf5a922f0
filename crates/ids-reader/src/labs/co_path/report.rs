//! Reports: lines of text, or a document encoded over many lines. All lines of a data type are one result.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use emap_interchange::{Instant, InterchangeValue, LabResult, ValueType};
use indexmap::IndexMap;

use crate::{
    labs::{message::LabMessage, result::around_value, value::text_of},
    orders::{Observation, Order},
    reasons::RejectReason,
    values::plain_or_empty,
    views::Obx,
};

/// Name of the codes.
const CO_PATH: &str = "CO_PATH";
/// All that is sent of a document that is announced and not there yet.
const ANNOUNCED: &str = "MIME";
/// The document's head begins with this and ends with the other, in one line.
const HEAD_BEGIN: &str = "Content-Type: text/plain; charset=US-ASCII;";
const HEAD_END: &str = "Content-transfer-encoding: base64";
/// Padding may be missing; whatever the last bits are, they are not looked at.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// One result for each data type that the lines have, in the order of their first lines. What cannot be read is left out
/// and harms nothing else.
pub(super) fn results(message: &LabMessage, order: &Order, result_time: Option<Instant>) -> Vec<LabResult> {
    let mut results = Vec::new();
    for lines in by_data_type(message, &order.observations) {
        match result(message, &lines) {
            Ok(Some(result)) => results.push(LabResult { result_time, ..result }),
            Ok(None) => {}
            Err(reason) => message.received.leave_out(lines[0].value().place(), reason),
        }
    }
    results
}

/// The lines of each data type. A line without one, which then has no value either, is left out.
fn by_data_type<'o, 'a>(message: &LabMessage, observations: &'o [Observation<'a>]) -> Vec<Vec<&'o Obx<'a>>> {
    let mut groups = IndexMap::<String, Vec<&Obx>>::new();
    for Observation { obx, .. } in observations {
        if obx.data_type().is_absent() {
            let place = obx.data_type_place();
            message.leave_out(place.clone(), RejectReason::DataType(place));
        } else {
            groups.entry(plain_or_empty(obx.data_type())).or_default().push(obx);
        }
    }
    groups.into_values().collect()
}

/// The result of lines of one data type; none for a document that is only announced.
fn result(message: &LabMessage, lines: &[&Obx]) -> Result<Option<LabResult>, RejectReason> {
    let first = lines[0];
    let (kind, code, separator) = match first.data_type().as_text() {
        Some("ST" | "TX") => (ValueType::Text, "TEXT", "\n"),
        Some("ED") => (ValueType::Pdf, "PDF", ""),
        _ => return Err(RejectReason::NoReport(first.data_type_place())),
    };
    let content = joined(lines, separator)?;
    let mut result = around_value(message, first, None);
    result.mime_type = Some(kind);
    result.test_item_local_code = Some(code.to_owned());
    result.test_item_coding_system = Some(CO_PATH.to_owned());
    match kind {
        ValueType::Pdf if content == ANNOUNCED => return Ok(None),
        ValueType::Pdf => {
            let document = document(&content).ok_or_else(|| RejectReason::Document(first.value().place()))?;
            result.byte_value = InterchangeValue::Save(document);
        }
        _ => result.string_value = InterchangeValue::from_hl7(Some(content)),
    }
    Ok(Some(result))
}

/// The content of all lines, blank ones too. They must be of one report.
fn joined(lines: &[&Obx], separator: &str) -> Result<String, RejectReason> {
    let data_type = lines[0].data_type();
    let identity = |obx: &Obx| (plain_or_empty(obx.code()), plain_or_empty(obx.sub_id()));
    let report = identity(lines[0]);
    let mut content = String::new();
    for (index, obx) in lines.iter().enumerate() {
        if identity(obx) != report {
            return Err(RejectReason::MixedReport(obx.code_place()));
        }
        content.push_str(if index == 0 { "" } else { separator });
        let mut values = obx.values();
        if let Some(value) = values.next() {
            content.push_str(&text_of(&data_type, value));
        }
        if values.next().is_some() {
            return Err(RejectReason::RepeatedLine(obx.value().place()));
        }
    }
    Ok(content)
}

/// The document behind its head; none if there is no head, or what remains is not base64.
fn document(content: &str) -> Option<Vec<u8>> {
    let (begin, end) = head(content)?;
    let encoded = [&content[..begin], &content[end..]].concat();
    BASE64.decode(encoded).ok()
}

/// Where the head begins and ends: the first line that has one, from its first beginning to its last end.
fn head(content: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    loop {
        let begin = from + content[from..].find(HEAD_BEGIN)?;
        let after = begin + HEAD_BEGIN.len();
        let line_end = content[after..].find(['\n', '\r']).map_or(content.len(), |length| after + length);
        match content[after..line_end].rfind(HEAD_END) {
            // Something must stand between the two.
            Some(between) if between > 0 => return Some((begin, after + between + HEAD_END.len())),
            _ => from = line_end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(content: &str) -> Option<Vec<u8>> {
        document(content)
    }

    #[test]
    fn the_head_is_cut_out_and_the_rest_decoded() {
        let head = format!("{HEAD_BEGIN} name=report.pdf {HEAD_END}");
        assert_eq!(decoded(&format!("{head}JVBERg==")).as_deref(), Some(&b"%PDF"[..]));
        assert_eq!(decoded(&format!("{head}JVBERg")).as_deref(), Some(&b"%PDF"[..]));
        assert_eq!(decoded(&format!("JVBE{head}Rg==")).as_deref(), Some(&b"%PDF"[..]));
        assert_eq!(decoded(&format!("{head} x{HEAD_END}JVBERg==")).as_deref(), Some(&b"%PDF"[..]));
        assert_eq!(decoded(&head).as_deref(), Some(&b""[..]));
    }

    #[test]
    fn what_is_no_document() {
        let cases = [
            "JVBERg==".to_owned(),
            format!("{HEAD_BEGIN}{HEAD_END}JVBERg=="),
            format!("{HEAD_BEGIN} \n{HEAD_END}JVBERg=="),
            format!("{HEAD_BEGIN} Content-transfer-encoding: quoted-printable JVBERg=="),
            format!("{HEAD_BEGIN} {HEAD_END}JVB\nERg=="),
            format!("{HEAD_BEGIN} {HEAD_END}JVBE-_=="),
        ];
        for content in cases {
            assert_eq!(decoded(&content), None, "{content}");
        }
    }
}
