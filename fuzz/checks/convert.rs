//! The conversion of an HL7 message: an outcome for every text, and none that harms the next message.

use emap_ids_reader::{ConversionOutcome, ConvertSettings, Converter};
use emap_interchange::Message;

/// An invented admission. What it gives depends on no other message.
const NEXT: &[u8] = b"MSH|^~\\&|EPIC|NORTHGATE|||20240105103000||ADT^A01|1|P|2.4\r\
    EVN|A01|20240105103000||ADT_EVENT||20240105102900\r\
    PID|1||60020001^^^MRN~9990100017^^^NHS||OLIVER^Rosa||19600229|F\r\
    PV1|1|I|W1^W1 Bay^W1-1||||||||||||||||5500100001\r";

pub(crate) fn check(bytes: &[u8]) {
    let unused = Converter::new(ConvertSettings::default());
    let mut converter = unused.clone();
    match converter.convert("0000000042", bytes).outcome {
        ConversionOutcome::Messages(messages) => messages.iter().for_each(assert_can_be_published),
        ConversionOutcome::Skipped { reason } => assert!(!reason.to_string().is_empty()),
        ConversionOutcome::Rejected { reason } => assert!(!reason.to_string().is_empty()),
    }
    let mut fresh = unused;
    assert_eq!(converter.convert("0000000043", NEXT), fresh.convert("0000000043", NEXT));
}

fn assert_can_be_published(message: &Message) {
    assert_eq!(Message::from_json(&message.to_json()).as_ref(), Ok(message));
}
