//! Generated streams of facts with few places and few times, so that they meet often.

use emap_core::movement::{Fact, FactKind, Stay, is_cancelled, seed, stays};
use proptest::{
    prelude::*,
    sample::{Index, select},
};

use crate::notation::{Where, after, time};

const PLACES: [Where; 4] = ["a", "b", "c", "d"];
/// Seconds; some so close that inferred times would cross known ones.
const MOMENTS: [i64; 6] = [0, 1, 2, 3, 60, 61];

fn any_kind() -> impl Strategy<Value = FactKind> {
    prop_oneof![
        6 => Just(FactKind::Move),
        3 => Just(FactKind::Discharge),
        1 => Just(FactKind::CancelAdmit),
        2 => Just(FactKind::CancelTransfer),
        1 => Just(FactKind::CancelDischarge),
    ]
}

fn any_fact() -> impl Strategy<Value = Fact<Where>> {
    let moment = || select(MOMENTS.to_vec()).prop_map(|seconds| after(time("9:00"), seconds));
    let place = || select(PLACES.to_vec());
    (any_kind(), place(), prop::option::of(place()), moment(), moment(), prop::option::of(moment())).prop_map(
        |(kind, place, previous, at, message_at, recorded)| {
            let previous = previous.filter(|previous| *previous != place);
            Fact { kind, place, previous, at, message_at, recorded }
        },
    )
}

fn any_stream() -> impl Strategy<Value = Vec<Fact<Where>>> {
    prop::collection::vec(any_fact(), 0..=12)
}

/// A stream, and the same in another order with some facts repeated.
fn stream_and_retelling() -> impl Strategy<Value = (Vec<Fact<Where>>, Vec<Fact<Where>>)> {
    (any_stream(), prop::collection::vec(any::<Index>(), 0..6)).prop_flat_map(|(stream, again)| {
        let repeats = again.iter().filter(|_| !stream.is_empty()).map(|index| *index.get(&stream));
        let sent: Vec<_> = stream.iter().copied().chain(repeats).collect();
        (Just(stream), Just(sent).prop_shuffle())
    })
}

/// A stream without cancellations whose facts are a minute apart.
fn calm_stream() -> impl Strategy<Value = Vec<Fact<Where>>> {
    any_stream().prop_map(|mut stream| {
        stream.retain(|fact| matches!(fact.kind, FactKind::Move | FactKind::Discharge));
        for (fact, minute) in stream.iter_mut().zip(0..) {
            fact.at = after(time("9:00"), 60 * minute);
            fact.recorded = None;
        }
        stream
    })
}

/// Facts as the database keeps them: one of each, repeats absorbed.
fn kept(sent: &[Fact<Where>]) -> Vec<Fact<Where>> {
    let mut kept: Vec<Fact<Where>> = Vec::new();
    for fact in sent {
        match kept.iter_mut().find(|known| known.repeats(fact)) {
            Some(known) => {
                known.absorb(fact);
            }
            None => kept.push(*fact),
        }
    }
    kept
}

/// Whether the stay shows the MOVE. One that repeats the place of a stay does not hold the stay open against
/// an unknown place just before another MOVE, which is inferred up to two seconds before it.
fn shows(stay: &Stay<Where>, fact: &Fact<Where>) -> bool {
    let ends_before = |end| after(end, if stay.inferred_discharge { 2 } else { 0 }) < fact.at;
    stay.place == fact.place && stay.admission <= fact.at && !stay.discharge.is_some_and(ends_before)
}

/// Whether the beginning was inferred from a discharge that a later move overrode: rows keep no trace of it.
fn outlived_its_discharge(stay: &Stay<Where>) -> bool {
    stay.inferred_admission && stay.discharge.is_none_or(|end| end > after(stay.admission, 1))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn order_and_repeats_do_not_matter((stream, retelling) in stream_and_retelling()) {
        let expected = stays(&stream);
        prop_assert_eq!(&stays(&retelling), &expected);
        prop_assert_eq!(&stays(&kept(&retelling)), &expected);
        for fact in &stream {
            prop_assert_eq!(is_cancelled(&stream, fact), is_cancelled(&retelling, fact));
        }
    }

    #[test]
    fn stays_follow_one_another(stream in any_stream()) {
        let stays = stays(&stream);
        for stay in &stays {
            prop_assert!(stay.discharge.is_none_or(|end| stay.admission <= end));
            prop_assert!(!(stay.discharge.is_none() && stay.inferred_discharge));
        }
        for pair in stays.windows(2) {
            prop_assert!(pair[0].discharge.is_some_and(|end| end <= pair[1].admission));
        }
    }

    #[test]
    fn what_is_not_cancelled_is_shown(stream in any_stream()) {
        let stays = stays(&stream);
        for fact in stream.iter().filter(|fact| fact.kind == FactKind::Move && !is_cancelled(&stream, fact)) {
            prop_assert!(stays.iter().any(|stay| shows(stay, fact)), "{:?} not in {:?}", fact, stays);
        }
        let known_ends = stays.iter().filter_map(|stay| stay.discharge.filter(|_| !stay.inferred_discharge));
        for end in known_ends {
            let names = |fact: &Fact<Where>| matches!(fact.kind, FactKind::Move | FactKind::Discharge);
            prop_assert!(stream.iter().any(|fact| names(fact) && fact.at == end));
        }
    }

    #[test]
    fn nothing_is_cancelled_without_a_cancellation(stream in calm_stream()) {
        prop_assert!(stream.iter().all(|fact| !is_cancelled(&stream, fact)));
    }

    #[test]
    fn seeded_facts_give_the_rows_back(stream in calm_stream()) {
        let rows = stays(&stream);
        prop_assume!(!rows.iter().any(outlived_its_discharge));
        prop_assert_eq!(stays(&seed(&rows)), rows);
    }

    #[test]
    fn absorbing_is_the_same_either_way(fact in any_fact(), repeat in any_fact()) {
        let repeat = Fact { message_at: repeat.message_at, recorded: repeat.recorded, ..fact };
        let (mut one, mut other) = (fact, repeat);
        prop_assert_eq!(one.absorb(&repeat), one != fact);
        other.absorb(&fact);
        prop_assert_eq!(one, other);
        prop_assert!(!one.absorb(&fact));
    }
}
