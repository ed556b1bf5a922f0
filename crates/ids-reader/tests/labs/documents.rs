//! Large documents. Their tests end in no time, or after hours if the cost of a line grows with their number.

use base64::{Engine, prelude::BASE64_STANDARD};
use emap_interchange::InterchangeValue::Save;

use crate::{
    codes, message, result, results,
    support::{converter, message as adt},
};

const SIZE: usize = 10 << 20;

/// Not all of the same byte, and not the same from one line to the next.
fn bytes() -> Vec<u8> {
    (0..SIZE).map(|index| u8::try_from((index * 31 + index / 251) % 256).unwrap()).collect()
}

/// A report with a document in lines of a length.
fn report(encoded: &str, line_length: usize) -> String {
    let mut segments = vec![
        "ORC|RE|90|UH24-1^CoPathPlus".to_owned(),
        "OBR|1|90|UH24-1^CoPathPlus|H^Histopathology|||202406101505".to_owned(),
        "OBX|1|TX|R||see document".to_owned(),
        "OBX|2|ED||1|Content-Type: text/plain; charset=US-ASCII; name=x.pdf".to_owned(),
        "OBX|3|ED||1|Content-transfer-encoding: base64".to_owned(),
    ];
    let lines = encoded.as_bytes().chunks(line_length);
    segments.extend(lines.map(|line| format!("OBX|4|ED||1|{}", std::str::from_utf8(line).unwrap())));
    let segments: Vec<_> = segments.iter().map(String::as_str).collect();
    message("CoPath", "ORU^R01", &segments)
}

#[test]
fn a_document_of_ten_mebibytes() {
    let document = bytes();
    let encoded = BASE64_STANDARD.encode(&document);
    for line_length in [76, usize::MAX] {
        let found = results(&report(&encoded, line_length));
        assert_eq!(codes(&found), ["TEXT", "PDF"]);
        let Save(bytes) = &found[1].byte_value else { panic!("no document") };
        assert!(*bytes == document, "another document");
    }
}

#[test]
fn many_lines_of_text() {
    let lines: Vec<_> =
        (0..100_000).map(|number| format!("OBX|1|TX|&GDT||line {number} \\T\\ more")).collect();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let request = ["ORC|RE|90|RAD1", "OBR|1|90|RAD1|XR^XR^PACS"];
    let found = result(&message("IMG_RESULT", "ORU^R01", &[&request, &*lines].concat()));
    let text = found.string_value.saved().unwrap();
    assert_eq!((text.lines().count(), text.lines().last()), (100_000, Some("line 99999 & more")));
}

#[test]
fn documents_that_are_none() {
    let almost = "Content-Type: text/plain; charset=US-ASCII;".repeat(100_000);
    let found = results(&report(&almost, usize::MAX));
    assert_eq!(codes(&found), ["TEXT"]);
    let backslashes = "\\!".repeat(1 << 20);
    assert_eq!(codes(&results(&report(&backslashes, usize::MAX))), ["TEXT"]);
    // Header after header is refused at once.
    let headers = adt(&[]).repeat(10_000);
    let _ = converter().convert("1", headers.as_bytes());
}
