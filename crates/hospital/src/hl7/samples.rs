//! The main laboratory.

use std::fmt::{Result, Write};

use super::segments::{Empty, Escaped, Known, Stamp};
use crate::{
    event::Event,
    labs::{Isolate, NOTE, Order, QUESTIONS, SampleEvent, TestResult},
};

pub(super) fn write(text: &mut String, event: &Event, sample: &SampleEvent) -> Result {
    for (number, order) in (1..).zip(&sample.batteries) {
        write_order(text, event, sample, (number, order))?;
        if sample.is_order() {
            for (number, (question, answer)) in (1_u32..).zip(QUESTIONS) {
                write!(text, "NTE|{number}||{question}?-{answer}\r")?;
            }
        }
        write_results(text, &order.results, sample.codes()[2])?;
        write_isolates(text, event, sample, &order.isolates)?;
    }
    Ok(())
}

fn write_order(
    text: &mut String,
    event: &Event,
    sample: &SampleEvent,
    (number, order): (u64, &Order),
) -> Result {
    let [control, order_status, result_status] = sample.codes();
    let (placer, filler) = (sample.placer(number), sample.number);
    let (collected, made, requested) = (Stamp(sample.collected), Stamp(event.at), Stamp(sample.ordered));
    let (code, name, department) = (order.battery.code, order.battery.name, order.battery.department);
    write!(text, "ORC|{control}|{placer}^EPC|L{filler:08}^WinPath||{order_status}||^^^{collected}^^R||")?;
    write!(text, "{made}|4412^OKONEDO^PIERS^^^^^^BENCH||C31337^ALDERSON^MAUDE^^^DR^^^BENCH\r")?;
    write!(text, "OBR|{number}|{placer}^EPC|L{filler:08}^WinPath|{code}^{name}^WinPath||{requested}|")?;
    // OBR-8 to OBR-12 are empty.
    write!(text, "{collected}{}{}||BLD^Blood^Venepuncture", Empty(6), Escaped(sample.clinical))?;
    // OBR-17 to OBR-21 are empty.
    let changed = Known((!sample.is_order()).then_some(made));
    write!(text, "|C31337^ALDERSON^MAUDE^^^DR^^^BENCH{}{changed}||{department}|{result_status}\r", Empty(6))
}

fn write_results(text: &mut String, results: &[TestResult], status: &str) -> Result {
    for (number, result) in (1_u32..).zip(results) {
        let TestResult { code, name, unit, value, low, high, has_note } = result;
        let (unit, flag) = (Escaped(unit), result.flag());
        write!(
            text,
            "OBX|{number}|NM|{code}^{name}^Winpath||{value}|{unit}|{low}-{high}|{flag}|||{status}\r"
        )?;
        if *has_note {
            let [first, second] = NOTE;
            write!(text, "NTE|1||{first}\rNTE|2||{second}\r")?;
        }
    }
    Ok(())
}

/// Sensitivities are an order of their own behind the culture's.
fn write_isolates(text: &mut String, event: &Event, sample: &SampleEvent, isolates: &[Isolate]) -> Result {
    let status = sample.codes()[2];
    for Isolate { number, code, name, .. } in isolates {
        let (one, other) = (number * 2 - 1, number * 2);
        write!(text, "OBX|{one}|ST|ISOLATE^ISOLATE^Winpath|{number}|")?;
        write!(text, "Aerobic bottle culture yields:||||||{status}\r")?;
        write!(text, "OBX|{other}|CE|ISOLATE^ISOLATE^Winpath|{number}|{code}^{name}|||A|||{status}\r")?;
    }
    let (placer, filler) = (sample.placer(1), sample.number);
    let (collected, reported) = (Stamp(sample.collected), Stamp(event.at));
    for Isolate { number, sensitivities, .. } in isolates {
        let order = number + 1;
        write!(text, "ORC|RE|{placer}^EPC|L{filler:08}^WinPath||CM\r")?;
        write!(
            text,
            "OBR|{order}|{placer}^EPC|L{filler:08}^WinPath|SENS^SENSITIVITIES^WinPath|||{collected}"
        )?;
        // OBR-8 to OBR-21 are empty.
        write!(text, "{}{reported}||MC|F|ISOLATE&ISOLATE&Winpath^{number}\r", Empty(15))?;
        for (number, (agent, response)) in (1_u32..).zip(sensitivities) {
            write!(text, "OBX|{number}|ST|{agent}^{agent}^Winpath||{agent}|||{response}|||{status}\r")?;
        }
    }
    Ok(())
}
