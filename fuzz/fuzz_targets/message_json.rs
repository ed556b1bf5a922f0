#![no_main]

#[path = "../checks/message_json.rs"]
mod message_json;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| message_json::check(bytes));
