//! Arbitrary values of the kinds that properties have.

use std::fmt::Debug;

use chrono::{DateTime, NaiveDate, NaiveTime};
use emap_interchange::{Instant, InterchangeValue, Questions};
use proptest::{collection::vec, option, prelude::*};

pub(crate) fn text() -> BoxedStrategy<String> {
    prop_oneof![
        3 => "[A-Z]{1,3}[0-9]{2,8}",
        2 => "\\PC{0,12}",
        2 => vec(any::<char>(), 0..8).prop_map(|characters| characters.into_iter().collect()),
        2 => "([a-z]{0,6}[ \t]{0,2}(\r?\n)){1,4}",
        // What YAML or HL7 could take for something else.
        2 => prop::sample::select(vec!["\"\"", "null", "~", "yes", " 0123 ", "1e3", "- x", "# x", "a: b", "[", "---"])
            .prop_map(str::to_owned),
    ]
    .boxed()
}

pub(crate) fn maybe_text() -> BoxedStrategy<Option<String>> {
    option::of(text()).boxed()
}

pub(crate) fn instant() -> BoxedStrategy<Instant> {
    // From the year -4700 to 63000, what no peer exceeds, and more often the present.
    let seconds =
        prop_oneof![1 => -210_000_000_000_i64..1_926_000_000_000, 3 => -2_000_000_000_i64..2_500_000_000];
    let nanos = prop_oneof![Just(0_u32), (0_u32..1000).prop_map(|ms| ms * 1_000_000), 0_u32..1_000_000_000];
    (seconds, nanos).prop_map(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos).unwrap()).boxed()
}

pub(crate) fn maybe_instant() -> BoxedStrategy<Option<Instant>> {
    option::of(instant()).boxed()
}

pub(crate) fn date() -> BoxedStrategy<NaiveDate> {
    (-2_400_000_i32..4_000_000).prop_map(|days| NaiveDate::from_epoch_days(days).unwrap()).boxed()
}

pub(crate) fn time() -> BoxedStrategy<NaiveTime> {
    let nanos = prop_oneof![Just(0_u32), 0_u32..1_000_000_000];
    let seconds = prop_oneof![(0_u32..1440).prop_map(|minutes| minutes * 60), 0_u32..86_400];
    (seconds, nanos)
        .prop_map(|(seconds, nanos)| NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos).unwrap())
        .boxed()
}

/// Numbers whose form changes there, and the ends of what there is.
const ODD_NUMBERS: &[f64] =
    &[0.0, -0.0, 1e-3, 1e7, f64::MAX, f64::MIN_POSITIVE, 5e-324, f64::INFINITY, f64::NEG_INFINITY];

/// Anything that equals itself.
pub(crate) fn number() -> BoxedStrategy<f64> {
    prop_oneof![
        any::<f64>(),
        -1000.0..1000.0,
        (-500_i32..500).prop_map(f64::from),
        prop::sample::select(ODD_NUMBERS)
    ]
    .prop_filter("no number", |value| !value.is_nan())
    .boxed()
}

pub(crate) fn bytes() -> BoxedStrategy<Vec<u8>> {
    vec(any::<u8>(), 0..40).boxed()
}

pub(crate) fn questions() -> BoxedStrategy<Questions> {
    vec((text(), maybe_text()), 0..4).prop_map(Questions::from_iter).boxed()
}

pub(crate) fn constant<T: Copy + Debug + 'static>(all: &'static [T]) -> BoxedStrategy<T> {
    prop::sample::select(all).boxed()
}

pub(crate) fn maybe_constant<T: Copy + Debug + 'static>(all: &'static [T]) -> BoxedStrategy<Option<T>> {
    option::of(constant(all)).boxed()
}

pub(crate) fn wrapped<T: Clone + Debug + 'static>(
    value: BoxedStrategy<T>,
) -> BoxedStrategy<InterchangeValue<T>> {
    prop_oneof![
        Just(InterchangeValue::Unknown),
        Just(InterchangeValue::Delete(None)),
        value.clone().prop_map(InterchangeValue::Save),
        value.prop_map(|value| InterchangeValue::Delete(Some(value))),
    ]
    .boxed()
}

pub(crate) fn wrapped_text() -> BoxedStrategy<InterchangeValue<String>> {
    wrapped(text())
}

pub(crate) fn wrapped_instant() -> BoxedStrategy<InterchangeValue<Instant>> {
    wrapped(instant())
}

pub(crate) fn wrapped_number() -> BoxedStrategy<InterchangeValue<f64>> {
    wrapped(number())
}
