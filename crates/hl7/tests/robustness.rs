//! Nothing that arrives makes the parser panic.

#[path = "../../../fuzz/checks/hl7_parse.rs"]
mod hl7_parse;

use emap_hl7::{HospitalZone, Timestamp};
use proptest::prelude::*;

use self::hl7_parse::check as read_all;

fn seed() -> Vec<u8> {
    let text = "\u{b}MSH|^~\\&|EPIC|H|||20240105103000.5+0100||ADT^A01|1|P|2.4\rEVN|A01|202401\rPID|1||7~8||É\\T\\\\X41\\^Ann\
        \rOBX|1|TX|a^b||\\.br\\~\"\"\r\u{1c}\r";
    text.as_bytes().to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_all(&bytes);
    }

    #[test]
    fn any_bytes_after_a_header(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_all(&[b"MSH|^~\\&|A\r".as_slice(), &bytes].concat());
    }

    #[test]
    fn any_text_of_structural_characters(text in r"[MSHPID|^~\\&\r\n.X\x0b\x1cé0-9]{0,80}") {
        read_all(text.as_bytes());
        read_all(format!("MSH|^~\\&|{text}").as_bytes());
    }

    #[test]
    fn mutated_message(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8), cut in any::<prop::sample::Index>()) {
        let mut bytes = seed();
        for (place, byte) in changes {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        read_all(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        read_all(&bytes);
    }

    #[test]
    fn any_timestamp(text in r"[0-9+\-.]{0,26}") {
        if let Ok(timestamp) = Timestamp::parse(&text) {
            let _ = timestamp.instant(HospitalZone::default());
        }
    }

    #[test]
    fn every_real_date_is_read(year in 1_u32..=9999, month in 1_u32..=12, day in 1_u32..=28, minute in 0_u32..1440) {
        let text = format!("{year:04}{month:02}{day:02}{:02}{:02}", minute / 60, minute % 60);
        let timestamp = Timestamp::parse(&text).unwrap();
        let again = timestamp.local().format("%Y%m%d%H%M").to_string();
        prop_assert_eq!(&again, &text);
        let difference = timestamp.instant(HospitalZone::default()) - timestamp.local().and_utc();
        prop_assert!(difference.num_hours().abs() <= 2);
    }
}
