#![no_main]

#[path = "../checks/hl7_parse.rs"]
mod hl7_parse;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hl7_parse::check(bytes));
