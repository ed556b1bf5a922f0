#![no_main]

#[path = "../checks/message_yaml.rs"]
mod message_yaml;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| message_yaml::check(bytes));
