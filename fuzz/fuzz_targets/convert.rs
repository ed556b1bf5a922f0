#![no_main]

#[path = "../changes.rs"]
#[allow(dead_code)]
mod changes;
#[path = "../checks/convert.rs"]
mod convert;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

use self::changes::{Change, Kind, Text};

fuzz_target!(|data: &[u8]| convert::check(data));

// Every other time a change that knows HL7, else one of the fuzzer's own.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let changed = std::str::from_utf8(&data[..size]).ok().filter(|_| seed % 2 == 0).and_then(|text| {
        let kinds = [Kind::NEUTRAL.as_slice(), Kind::DISTURBING.as_slice()].concat();
        let number = |step: u32| (seed.wrapping_mul(2_654_435_761).rotate_left(7 * step) >> 8) as u16;
        let kind = kinds[usize::from(number(0)) % kinds.len()];
        let mut text = Text::of(text);
        text.apply(&Change { kind, numbers: [number(1), number(2), number(3), number(4)] })
            .then(|| text.joined())
    });
    match changed {
        Some(text) if text.len() <= max_size => {
            data[..text.len()].copy_from_slice(text.as_bytes());
            text.len()
        }
        _ => fuzzer_mutate(data, size, max_size),
    }
});
