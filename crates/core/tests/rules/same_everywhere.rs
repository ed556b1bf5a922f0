//! Streams of messages give the same tables in memory and on PostgreSQL, one by one and in batches, with a history
//! without gaps.

use emap_interchange::Message;
use emap_test_support::seeded;
use proptest::{collection::vec, prelude::*, test_runner::TestCaseError};

use crate::{adt, batches::classes_missing_in, clinical, labs, reference, world::World};

fn agree(messages: &[Message]) -> Result<(), TestCaseError> {
    let mut memory = World::in_memory();
    let one_by_one = memory.receive(messages.to_vec());
    let mut database = World::on_postgres();
    let (first, second) = messages.split_at(messages.len() / 2);
    let mut together = database.receive_together(first.to_vec());
    together.extend(database.receive_together(second.to_vec()));
    prop_assert_eq!(one_by_one, together);
    prop_assert_eq!(memory.content_and_log(), database.content_and_log());
    memory.assert_history();
    database.assert_history();
    Ok(())
}

fn about_people() -> impl Strategy<Value = Message> {
    prop_oneof![adt::streams::message(), adt::streams::identity()]
}

/// Messages of every class that core has rules for.
pub(crate) fn of_all_families() -> impl Strategy<Value = Message> {
    prop_oneof![
        2 => adt::streams::message(),
        1 => adt::streams::identity(),
        4 => clinical::streams::message(),
        3 => labs::streams::message(),
        2 => reference::streams::message(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn messages_about_people_agree(messages in vec(about_people(), 1..25)) {
        agree(&messages)?;
    }

    #[test]
    fn clinical_messages_agree(messages in vec(clinical::streams::message(), 1..30)) {
        agree(&messages)?;
    }

    #[test]
    fn laboratory_messages_agree(messages in vec(labs::streams::message(), 1..30)) {
        agree(&messages)?;
    }

    #[test]
    fn messages_of_forms_and_places_agree(messages in vec(reference::streams::message(), 1..30)) {
        agree(&messages)?;
    }

    #[test]
    fn messages_of_all_families_agree(messages in vec(of_all_families(), 1..40)) {
        agree(&messages)?;
    }
}

proptest! {
    #[test]
    fn repeated_movements_change_no_stay(messages in vec(adt::streams::message(), 1..12)) {
        let mut once = World::in_memory();
        once.receive(messages.clone());
        let mut twice = World::in_memory();
        twice.receive(messages.iter().flat_map(|message| [message.clone(), message.clone()]));
        let (once, twice) = (once.snapshot(), twice.snapshot());
        prop_assert_eq!(once.journey(), twice.journey());
        prop_assert_eq!(once.stay_audits.len(), twice.stay_audits.len());
    }
}

#[test]
fn all_families_are_all_there_are() {
    let messages = seeded(&vec(of_all_families(), 1000), 1);
    assert_eq!(classes_missing_in(&messages), [""; 0]);
}
