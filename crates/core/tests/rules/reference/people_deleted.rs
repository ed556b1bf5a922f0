//! What a deleted person leaves of forms and places.

use emap_interchange::{AdtEvent, Message};
use emap_star::rows::*;
use emap_test_support::{fixtures, messages::adt};

use super::messages::{bed, with_bed};
use crate::world::World;

fn deleted(mrn: &str) -> Message {
    adt(AdtEvent::DeletePersonInformation, mrn, "", "W1^BAY1^B1", "2031-06-02T00:00:00Z")
}

fn story() -> Vec<Message> {
    let mut messages = fixtures::forms("wound_review.yaml");
    messages.extend([with_bed(bed(500, "01")), deleted("60030181")]);
    messages
}

#[test]
fn forms_and_answers_go_audited_and_all_else_stays() {
    let forms = World::after(fixtures::forms("wound_review.yaml"));
    let answers = forms.rows::<FormAnswer>();
    let world = World::after(story());
    let stranger: Form = world.only();
    assert_eq!(stranger.internal_id, "NOTE_CSN$880102");
    let gone = answers.iter().filter(|row| row.form_id != stranger.form_id).count();
    assert_eq!(gone, 7);
    assert_eq!(world.count::<FormAnswer>(), answers.len() - gone);
    let former: FormAudit = world.only();
    assert_eq!(former.internal_id, "NOTE_CSN$880101");
    assert_eq!(former.valid_until, Some("2031-06-02T00:00:00Z".parse().unwrap()));
    let audited = |world: &World| world.count::<FormAnswerAudit>();
    assert_eq!(audited(&world), audited(&forms) + gone);
    assert_eq!((world.count::<FormDefinition>(), world.count::<FormQuestion>()), (1, 10));
    assert_eq!((world.count::<Location>(), world.count::<BedState>()), (1, 1));
    assert_eq!(world.count::<Mrn>(), 2);
}

#[test]
fn forms_that_come_again_are_new_ones() {
    let mut messages = story();
    messages.extend(fixtures::forms("wound_review.yaml"));
    World::everywhere(&messages);
    let world = World::after(messages);
    assert_eq!((world.count::<Form>(), world.count::<FormAnswer>()), (2, 12));
}
