//! What templates and questions of forms are called.

use emap_core::Outcome;
use emap_star::rows::*;
use emap_test_support::fixtures;

use super::messages::{answer, clarity, form, may, question, template};
use crate::world::World;

fn described() -> Vec<emap_interchange::Message> {
    let mut messages = fixtures::form_metadata("wound_review_definitions.yaml", Some(may("07")));
    messages.extend(fixtures::form_question_metadata("wound_review_questions.yaml", Some(may("07"))));
    messages
}

#[test]
fn descriptions_name_what_forms_mentioned() {
    let mut world = World::after(fixtures::forms("wound_review.yaml"));
    world.receive(described());
    assert_eq!((world.count::<FormDefinition>(), world.count::<FormDefinitionAudit>()), (2, 1));
    assert_eq!((world.count::<FormQuestion>(), world.count::<FormQuestionAudit>()), (19, 1));
    let [known, unused] = <[FormDefinition; 2]>::try_from(world.rows()).unwrap();
    assert_eq!(known.name.as_deref(), Some("WOUND REVIEW"));
    assert_eq!(known.patient_friendly_name.as_deref(), Some("How your wound heals"));
    assert_eq!((known.valid_from, unused.valid_from), (may("01"), may("07")));
    assert_eq!(world.only::<FormDefinitionAudit>().valid_until, Some(may("01")));
    let asked = world.rows::<FormQuestion>().into_iter().find(|row| row.internal_id == "WOUND#10").unwrap();
    assert_eq!(asked.concept_name.as_deref(), Some("WOUND OPEN"));
    assert_eq!(asked.concept_abbrev_name.as_deref(), Some("OPEN"));
    assert_eq!(asked.description.as_deref(), Some("Is the wound open?\nLook under the dressing."));
    assert_eq!((asked.valid_from, asked.internal_value_type), (may("02"), None));
}

#[test]
fn descriptions_may_come_first_and_again() {
    let mut world = World::after(described());
    assert_eq!((world.count::<FormDefinition>(), world.count::<FormQuestion>()), (2, 10));
    let before = world.content();
    world.receive(described());
    assert_eq!(world.content(), before);
    world.receive(fixtures::forms("wound_review.yaml"));
    assert_eq!((world.count::<FormDefinition>(), world.count::<FormQuestion>()), (2, 19));
    assert_eq!(world.count::<FormDefinitionAudit>() + world.count::<FormQuestionAudit>(), 0);
}

#[test]
fn the_last_description_counts_whatever_its_time() {
    let world = World::after([
        template("T1", Some("FALLS"), Some("05")),
        template("T1", None, Some("03")),
        question("Q1", Some("FALLEN"), Some("05")),
        question("Q1", Some("FELL"), Some("03")),
        question("Q1", None, Some("04")),
    ]);
    let row: FormDefinition = world.only();
    assert_eq!((row.name, row.patient_friendly_name, row.valid_from), (None, None, may("03")));
    let row: FormQuestion = world.only();
    assert_eq!((row.concept_name, row.concept_abbrev_name, row.description), (None, None, None));
    assert_eq!(row.valid_from, may("04"));
    assert_eq!(world.rows::<FormQuestionAudit>()[1].description.as_deref(), Some("FELL"));
}

#[test]
fn only_what_changes_something_needs_a_time_and_everything_an_identifier() {
    let mut world = World::after([
        clarity(form("F1", vec![answer("Q1", "yes", "01")])),
        template("T1", None, None),
        question("Q1", None, None),
    ]);
    let mut lacking = template("T1", Some("FALLS"), Some("01"));
    lacking.source_message_id = None;
    let mut nameless = question("Q1", Some("FALLEN"), Some("01"));
    nameless.source_message_id = None;
    let mistakes = [
        (template("T1", Some("FALLS"), None), Outcome::Error, "validFrom"),
        (question("Q1", Some("FALLEN"), None), Outcome::Error, "validFrom"),
        (question("Q9", None, None), Outcome::Error, "validFrom"),
        (lacking, Outcome::RequiredDataMissing, "sourceMessageId"),
        (nameless, Outcome::RequiredDataMissing, "sourceMessageId"),
    ];
    for (message, outcome, word) in mistakes {
        let report = world.report(&message);
        assert_eq!(report.outcome, outcome);
        assert!(report.reason.as_deref().unwrap().contains(word), "{:?}", report.reason);
    }
    assert_eq!(world.only::<FormDefinition>().name, None);
    assert_eq!(world.only::<FormQuestion>().concept_name, None);
}
