//! Forms are processed only where the feature is on.

use std::sync::Arc;

use emap_core::{Engine, Incoming, Report, Rules};
use emap_star::{Session, rows::*};

use super::messages::{answer, clarity, form, question, template};

#[test]
fn without_the_feature_messages_of_forms_do_nothing_and_succeed() {
    let mut engine = Engine::new(Session::in_memory(), Rules::default());
    let messages = [
        clarity(form("F1", vec![answer("Q1", "yes", "01")])),
        template("T1", Some("FALLS"), Some("01")),
        question("Q1", Some("FALLEN"), None),
        clarity(emap_interchange::Form::default()),
    ];
    let batch: Vec<_> =
        messages.iter().map(|message| Incoming::decode(Arc::from("hl7Queue"), message.to_json())).collect();
    assert_eq!(engine.process(&batch).unwrap(), vec![Report::success(); batch.len()]);
    let session = engine.session();
    assert_eq!(session.rows::<Mrn>().count() + session.rows::<HospitalVisit>().count(), 0);
    assert_eq!(session.rows::<FormDefinition>().count() + session.rows::<FormQuestion>().count(), 0);
    assert_eq!(session.rows::<Form>().count() + session.rows::<FormAnswer>().count(), 0);
    assert_eq!(session.rows::<EtlPerMessageLogging>().count(), messages.len());
}
