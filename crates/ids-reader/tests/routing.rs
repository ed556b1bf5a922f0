//! Which messages are read, and what the others are skipped for.

mod support;

use emap_ids_reader::{CodingSystem, ConversionOutcome, Header, RejectReason, SkipReason};
use emap_interchange::{Adt, AdtEvent, Payload};

use self::support::{adt, convert, message, messages, rejected, skipped, triggered};

/// An order or result with a patient, a visit and one OBR.
fn order(message_type: &str, sender: &str, facility: &str, obr: &str) -> String {
    let header = message(&[("MSH-9", message_type), ("MSH-3", sender), ("MSH-4", facility)]);
    format!("{header}\nORC|NW|7\n{obr}")
}

fn consult() -> String {
    order("ORM^O01", "EPIC", "Consult Orders", "OBR|1")
}

/// Flowsheets without a value.
fn chart() -> String {
    order("ORU^R01", "EPIC", "Vitals", "OBR|1")
}

/// The patient and visit that an order or result implies: its first message.
fn implied(text: &str) -> Adt {
    match messages(text).swap_remove(0).payload {
        Payload::Adt(adt) => *adt,
        other => panic!("{other:?}"),
    }
}

const WIN_PATH: &str = "OBR|1|1|2|FBC^Count^WinPath";

#[test]
fn the_header_is_reported() {
    let header = convert(&triggered("A99", &[("MSH-3", "EPIC^X")])).header;
    let expected =
        Header { message_type: "ADT".to_owned(), trigger: "A99".to_owned(), sender: "EPIC".to_owned() };
    assert_eq!(header, Some(expected));
    assert_eq!(convert("nothing of the sort").header, None);
}

#[test]
fn other_adt_triggers_are_skipped() {
    for trigger in ["A09", "A10", "A14", "A27", "A38", "Z98", "A41", "a01", "A1", "XXX"] {
        assert_eq!(skipped(&triggered(trigger, &[])), SkipReason::Trigger, "{trigger}");
    }
}

#[test]
fn adt_of_other_senders_is_skipped() {
    for sender in ["", "epic", "EP IC", "\"\"", "OTHER"] {
        assert_eq!(skipped(&message(&[("MSH-3", sender)])), SkipReason::Sender, "{sender}");
    }
}

#[test]
fn other_types_are_skipped() {
    for message_type in ["SIU^S12", "MDM^T02", "ACK", "ORU^R31", "ORM^O02", "PPR^PC9", "adt^A01", "BTS^X"] {
        let reason = skipped(&message(&[("MSH-9", message_type)]));
        assert_eq!(
            (reason.clone(), reason.label()),
            (SkipReason::UnknownType, "unknown_type"),
            "{message_type}"
        );
    }
}

#[test]
fn messages_about_conditions_tell_nothing_of_the_visit() {
    for message_type in ["ADT^A60", "PPR^PC1", "PPR^PC2", "PPR^PC3"] {
        assert_eq!(messages(&message(&[("MSH-9", message_type)])), [], "{message_type}");
    }
}

#[test]
fn an_appointment_tells_patient_and_visit_before_the_infections() {
    let found = messages(&(triggered("A05", &[]) + "\nZIF|VRE^20240105~MRSA^20240106"));
    let classes = found.iter().map(|message| message.class_name().rsplit('.').next().unwrap_or_default());
    let classes: Vec<_> = classes.collect();
    assert_eq!(classes, ["ImpliedAdtMessage", "PatientInfection", "PatientInfection"]);
    let ids: Vec<_> = found.iter().filter_map(|message| message.source_message_id.as_deref()).collect();
    assert_eq!(ids, ["0000000042", "0000000042$01", "0000000042$02"]);
}

#[test]
fn problems_are_read_from_every_sender() {
    for (sender, expected) in [("EPIC", "EPIC"), ("OTHER^X", "OTHER"), ("", "")] {
        let found =
            messages(&(message(&[("MSH-9", "PPR^PC1"), ("MSH-3", sender)]) + "\nPRB|AD|20240101|I10|7"));
        assert_eq!(found[0].source_system.as_deref(), Some(expected));
    }
    assert_eq!(skipped(&message(&[("MSH-9", "ADT^A60"), ("MSH-3", "OTHER")])), SkipReason::Sender);
}

#[test]
fn orders_and_results_imply_patient_and_visit() {
    let expected = Adt { event: AdtEvent::ImpliedAdtMessage, ..adt(&message(&[])) };
    for text in [consult(), chart(), order("ORM^O01", "EPIC", "DNACPR & CPR", "OBR|1")] {
        assert_eq!(implied(&text), expected, "{text}");
    }
}

#[test]
fn an_implied_visit_has_no_mode_of_arrival() {
    let text = consult().replace("PV2|", &format!("PV2{}Car", "|".repeat(38)));
    assert!(implied(&text).mode_of_arrival.is_unknown());
}

#[test]
fn without_an_event_segment_the_header_tells_when_it_was_recorded() {
    let with = chart();
    let without: Vec<_> = with.lines().filter(|line| !line.starts_with("EVN")).collect();
    let found = implied(&without.join("\n"));
    assert_eq!(found.recorded_date_time, Some(emap_test_support::messages::at("2024-01-05T10:30:00Z")));
    assert_eq!((found.event_reason_code, found.event_occurred_date_time), (None, None));
}

#[test]
fn known_systems_are_read() {
    for text in [
        order("ORM^O01", "EPIC", "X", WIN_PATH),
        order("ORU^R01", "LAB", "X", WIN_PATH),
        order("ORR^O02", "", "", WIN_PATH),
        order("ORM^O01", "A", "X", "OBR|1|1|2^CoPathPlus|H"),
        order("ORU^R01", "A", "X", "OBR|1|1|2|H^^CPEAP"),
        order("ORU^R01", "BIO-CONNECT", "X", "OBR|1"),
        order("ORU^R01", "IMG_RESULT", "X", "OBR|1"),
        order("ORU^R01", "ELR_RESULT", "X", "OBR|1"),
        order("ORU^R01", "IMG_ADDENDUM", "X", "OBR|1"),
        order("ORU^R01", "IMG_PROC_CHANGE_RESULT", "X", "OBR|1"),
        order("ORU^R01", "EPIC", " Vitals ", "OBR|1"),
        order("ORM^O01", "EPIC", "Consult Orders", "OBR|1"),
        order("ORM^O01", "EPIC", "DNACPR & CPR", "OBR|1"),
        order("ORU^R01", "X", "X", "OBR|1|1|2|A^B^C^Profiles"),
        order("ORU^R30", "ABL90 FLEX Plus", "", "OBR|1"),
    ] {
        // A lab may well find something missing in so short a message: then it was read.
        assert!(!matches!(convert(&text).outcome, ConversionOutcome::Skipped { .. }), "{text}");
    }
}

#[test]
fn unknown_coding_systems_are_skipped_as_a_whole() {
    for text in [
        order("ORM^O01", "EPIC", "X", "OBR|1|1|2|A^B^C"),
        order("ORU^R01", "EPIC", "DNACPR \\T\\ CPR", "OBR|1"),
        order("ORU^R01", "EPIC", "X", "NTE|1"),
        order("ORR^O02", "BIO-CONNECT", "Vitals", "OBR|1"),
        order("ORU^R30", "X", "Vitals", "OBR|1"),
    ] {
        assert_eq!(skipped(&text), SkipReason::UnknownCodingSystem, "{text}");
    }
}

/// WinPath's microbiology names code and name of the service only.
#[test]
fn an_order_without_a_coding_system_is_win_path_s_if_it_sends_it() {
    let win_path = CodingSystem::WinPath;
    for obr in
        ["OBR|1|1|2|WDC^Wound", "OBR|1|1|2|WDC^Wound^ ^Profiles", "OBR|1|1|2^CoPathPlus|WDC^Wound", "OBR|1"]
    {
        for message_type in ["ORM^O01", "ORU^R01"] {
            let outcome = convert(&order(message_type, "WinPath", "Vitals", obr)).outcome;
            assert!(
                !matches!(outcome, ConversionOutcome::Skipped { .. }),
                "{message_type} {obr}: {outcome:?}"
            );
            for other in ["EPIC", "winpath", ""] {
                let outcome = convert(&order(message_type, other, "X", obr)).outcome;
                let is_read_as_before = obr.contains("CoPathPlus") || obr.contains("Profiles");
                let is_skipped =
                    outcome == ConversionOutcome::Skipped { reason: SkipReason::UnknownCodingSystem };
                assert!(is_skipped != is_read_as_before, "{other} {message_type} {obr}: {outcome:?}");
            }
        }
        let near_patient = order("ORU^R30", "WinPath", "X", obr);
        assert_eq!(skipped(&near_patient), SkipReason::CodingSystem(win_path), "{obr}");
    }
    // An answer to an order does not say who sends it.
    let answer = order("ORR^O02", "WinPath", "X", "OBR|1|1|2|WDC^Wound");
    assert_eq!(skipped(&answer), SkipReason::UnknownCodingSystem);
    for other in ["OBR|1|1|2|WDC^Wound^LOCAL", "OBR|1|1|2|WDC^Wound^\"\""] {
        assert_eq!(skipped(&order("ORU^R01", "WinPath", "X", other)), SkipReason::UnknownCodingSystem);
    }
    // The first order decides.
    let second = order("ORU^R01", "WinPath", "X", "OBR|1|1|2|WDC^Wound^LOCAL") + "\nORC|NW|7\nOBR|2|1|2|S^S";
    assert_eq!(skipped(&second), SkipReason::UnknownCodingSystem);
    // Without any order there is the patient only.
    let none = message(&[("MSH-9", "ORU^R01"), ("MSH-3", "WinPath")]);
    assert_eq!(implied(&none).event, AdtEvent::ImpliedAdtMessage);
    assert_eq!(messages(&none).len(), 1);
}

#[test]
fn systems_are_only_read_for_their_own_message_types() {
    let cases = [
        (order("ORU^R30", "X", "X", WIN_PATH), CodingSystem::WinPath),
        (order("ORM^O01", "BIO-CONNECT", "X", "OBR|1"), CodingSystem::BioConnect),
        (order("ORU^R01", "ABL90 FLEX Plus", "X", "OBR|1"), CodingSystem::Abl90FlexPlus),
        (order("ORM^O01", "IMG_RESULT", "X", "OBR|1"), CodingSystem::Pacs),
        (order("ORM^O01", "EPIC", "Vitals", "OBR|1"), CodingSystem::Flowsheet),
        (order("ORU^R01", "EPIC", "Consult Orders", "OBR|1"), CodingSystem::ConsultOrder),
        (order("ORU^R01", "EPIC", "DNACPR", "OBR|1"), CodingSystem::AdvancedDecisionOrder),
        (order("ORM^O01", "X", "X", "OBR|1|1|2|A^B^C^Profiles"), CodingSystem::BankManager),
        (order("ORU^R01", "X", "X", "OBR|1|1|2|A^B^C^Products"), CodingSystem::BloodProducts),
    ];
    for (text, system) in cases {
        assert_eq!(skipped(&text), SkipReason::CodingSystem(system), "{text}");
    }
}

#[test]
fn the_order_decides_before_the_sender() {
    // Neither of the senders may send such a message.
    let text = order("ORM^O01", "BIO-CONNECT", "Vitals", "OBR|1");
    assert_eq!(skipped(&text), SkipReason::CodingSystem(CodingSystem::BioConnect));
    let outcome = convert(&text.replace("OBR|1", WIN_PATH)).outcome;
    assert!(!matches!(outcome, ConversionOutcome::Skipped { .. }), "{outcome:?}");
}

#[test]
fn unreadable_patient_data_keeps_no_order_back() {
    for (change, with) in [
        ("19600229|F", "19600229|F|||||||||||||||||||||never"),
        ("PV1|1|I", "PV1|1|?"),
        ("19600229", "19600230"),
    ] {
        let found = messages(&consult().replace(change, with));
        assert_eq!(found.len(), 1, "{with}");
        assert!(matches!(found[0].payload, Payload::ConsultRequest(_)), "{with}");
        let reason = skipped(&chart().replace(change, with));
        assert_eq!(reason.label(), "no_implied_adt", "{reason}");
    }
    assert_eq!(
        skipped(&order("ORU^R01", "", "Vitals", "OBR|1")),
        SkipReason::NoImpliedAdt(RejectReason::NoSender)
    );
}

#[test]
fn an_a05_with_unreadable_patient_data_is_rejected() {
    assert_eq!(rejected(&triggered("A05", &[("PV1-2", "?")])).label(), "patient_class");
    assert_eq!(adt(&triggered("A05", &[])).event, AdtEvent::ImpliedAdtMessage);
}
