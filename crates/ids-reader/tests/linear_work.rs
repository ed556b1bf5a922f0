//! Large messages take work in proportion to their size.
#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stdout, reason = "the times are worth seeing")]

mod support;

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use self::support::messages;

const HEAD: &str = "MSH|^~\\&|WinPath||||20240610120600||ORU^R01|36|P|2.3\rPID|1||60050001\rPV1|1|I\r\
    ORC|RE|90|24V000310\rOBR|1|90|24V000310|URNC^^WinPath|||202407051106|||||||||||||||202407080937||MC|F";

/// The shortest of several conversions.
fn time_of(text: &str) -> Duration {
    let once = || {
        let start = Instant::now();
        messages(text);
        start.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap()
}

/// Four times as much takes about four times as long, and not sixteen times. What else the machine does may distort one
/// comparison, not every one.
fn assert_linear(name: &str, message: impl Fn(usize) -> String) {
    let ratio = || {
        let (small, large) = (time_of(&message(5_000)), time_of(&message(20_000)));
        println!("{name}: 5,000 in {small:?}, 20,000 in {large:?}");
        large.as_secs_f64() / small.as_secs_f64()
    };
    let linear = (0..5).map(|_| ratio()).find(|ratio| *ratio < 9.0);
    assert!(linear.is_some(), "{name}: four times as much takes far more than four times as long");
}

fn repeated(head: &str, count: usize, line: impl Fn(usize) -> String) -> String {
    let mut text = head.to_owned();
    for number in 0..count {
        write!(text, "\r{}", line(number)).unwrap();
    }
    text
}

#[test]
fn isolates() {
    assert_linear("isolates", |count| {
        repeated(HEAD, count, |number| format!("OBX|1|CE|ISOLATE|{number}|C{number}^Name||||||F"))
    });
}

#[test]
fn sensitivities() {
    assert_linear("isolates with sensitivities", |count| {
        let isolates = |number| format!("OBX|1|CE|ISOLATE|{number}|C{number}^Name||||||F");
        let culture = repeated(HEAD, count / 5, isolates);
        repeated(&culture, count / 5, |number| {
            format!(
                "ORC|RE|90|24V000310\rOBR|2|90|24V000310|SENS^^WinPath|||202407051106\
                 |||||||||||||||||||ISOLATE^{number}\rOBX|1|ST|TRI||TRI|||R|||F"
            )
        })
    });
}

#[test]
fn imaging() {
    let head = HEAD.replace("WinPath||||", "IMG_RESULT||||").replace("^WinPath", "^X");
    assert_linear("imaging identifiers", |count| {
        repeated(&head, count, |number| format!("OBX|1|TX|ID{number}||text||||||F"))
    });
}

#[test]
fn answers() {
    let head = HEAD.replace("WinPath||||", "IMG_RESULT||||").replace("^WinPath", "^X");
    assert_linear("lines of one answer", |count| {
        let asked = repeated(&head, 1, |_| "NTE|1||Question=yes".to_owned());
        repeated(&asked, count, |number| {
            if number % 2 == 0 { format!("NTE|1||line {number}") } else { "NTE|1".into() }
        })
    });
}

#[test]
fn patients_with_problems() {
    let head = "MSH|^~\\&|EPIC||||20240610120600||PPR^PC1|36|P|2.4";
    assert_linear("patients with a problem each", |count| {
        repeated(head, count, |number| {
            format!("PID|1||{number}\rPID|1||{number}\rPRB|AD|20240105|I10|{number}\rNTE|1||note")
        })
    });
}
