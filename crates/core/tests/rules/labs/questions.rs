//! Questions asked with orders.

use emap_interchange::{LabOrder as Sent, Message};
use emap_star::rows::*;

use super::messages::{asked, at, cancelled, lab, numbered};
use crate::world::World;

const THREE: [(&str, &str); 3] = [("Fasting?", "no"), ("Pregnant?", "no"), ("Travelled?", "yes")];

fn ordered(questions: &[(&str, &str)], time: &str) -> Message {
    lab(Sent { questions: asked(questions), ..numbered("E1", time) })
}

fn called_off(time: &str) -> Message {
    lab(Sent { questions: asked(&THREE), ..cancelled("E1", time) })
}

fn answer_to(world: &World, question: &str) -> Option<String> {
    let questions: Vec<Question> = world.rows();
    let id = questions.iter().find(|row| row.question == question).unwrap().question_id;
    world.rows::<RequestAnswer>().into_iter().find(|row| row.question_id == id).unwrap().answer
}

#[test]
fn answers_belong_to_the_sample() {
    let world = World::after([ordered(&THREE, "09:00")]);
    assert!(world.rows::<Question>().iter().all(|row| row.valid_from == at("09:00")));
    let answers: Vec<RequestAnswer> = world.rows();
    assert_eq!((world.count::<Question>(), answers.len()), (3, 3));
    let sample: LabSample = world.only();
    assert!(
        answers
            .iter()
            .all(|row| row.parent_table == "LAB_SAMPLE" && row.parent_id == sample.lab_sample_id.number())
    );
}

#[test]
fn an_older_answer_replaces_none() {
    let mut world = World::after([ordered(&THREE, "09:00"), ordered(&[("Fasting?", "yes")], "10:00")]);
    assert_eq!(answer_to(&world, "Fasting?").as_deref(), Some("yes"));
    world.receive([ordered(&THREE, "09:30")]);
    assert_eq!(answer_to(&world, "Fasting?").as_deref(), Some("yes"));
    assert_eq!((world.count::<Question>(), world.count::<RequestAnswerAudit>()), (3, 1));
    world.receive([ordered(&[("Fasting?", "unknown")], "10:00")]);
    assert_eq!(answer_to(&world, "Fasting?").as_deref(), Some("unknown"), "of the same time");
    let unanswered = [("Fasting?".to_owned(), None)].into_iter().collect();
    world.receive([lab(Sent { questions: unanswered, ..numbered("E1", "11:00") })]);
    assert_eq!(answer_to(&world, "Fasting?"), None);
}

#[test]
fn a_cancellation_neither_asks_nor_takes_answers_away() {
    assert_eq!(World::after([called_off("09:00")]).count::<Question>(), 0);
    let world = World::after([ordered(&THREE, "09:00"), called_off("10:00")]);
    assert_eq!((world.count::<Question>(), world.count::<RequestAnswer>()), (3, 3));
}

#[test]
fn a_refused_order_still_answers() {
    let mut world = World::after([called_off("10:00")]);
    world.receive([ordered(&THREE, "09:00")]);
    assert_eq!((world.count::<LabOrder>(), world.count::<RequestAnswer>()), (0, 3));
}

#[test]
fn memory_and_database_agree() {
    World::everywhere(&[
        ordered(&THREE, "09:00"),
        ordered(&[("Fasting?", "yes"), ("Smoker?", "no")], "10:00"),
        called_off("11:00"),
        ordered(&THREE, "12:00"),
    ]);
}
