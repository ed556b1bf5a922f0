//! What receivers of an older generation do not know is not sent, and everything else goes on.

use emap_ids::NewRow;
use emap_interchange::{Features, Generation, queues};
use emap_queue::{BatchLimit, Consumer, ConsumerSettings};

use crate::site::{Site, admission, instant, row};

/// Two admissions that name a type and a service; between them an expected discharge and a change of speciality.
fn rows() -> Vec<NewRow> {
    let text = |number, trigger: &str| {
        admission(number)
            .replace("ADT^A01", trigger)
            .replace("W1^R2^B3|||||||", "W1^R2^B3|Elective||||||Renal")
    };
    let texts = [text(1, "ADT^A01"), text(1, "ADT^A16"), text(1, "ADT^Z99"), text(2, "ADT^A01")];
    texts.iter().map(|text| row(text, instant("2026-03-01T00:00:00Z"))).collect()
}

/// The bodies that a reader puts on the queue.
async fn sent(features: Features, skipped: u64) -> Vec<String> {
    let mut site = Site::new();
    site.store.append_batch(&rows()).unwrap();
    site.settings.features = features;
    let summary = site.run().await.unwrap();
    let skips = summary.skipped.get("feature_off").copied().unwrap_or_default();
    assert_eq!((summary.rows, summary.rejected, skips), (4, 0, skipped));
    assert_eq!(site.progress().unwrap().unid, 4);
    let mut consumer =
        Consumer::start(site.transport(), ConsumerSettings::of(vec![queues::HL7_QUEUE.to_owned()]));
    let (mut bodies, published) = (Vec::new(), usize::try_from(summary.published).unwrap());
    while bodies.len() < published {
        let limit = BatchLimit::messages(1);
        let batch = consumer.next_batch(limit, std::time::Duration::from_millis(5)).await.unwrap();
        let text = |body: &[u8]| String::from_utf8(body.to_vec()).unwrap();
        bodies.extend(batch.deliveries.iter().map(|delivery| text(&delivery.body)));
        consumer.settle(batch.ticket, &[]);
    }
    consumer.close().await;
    bodies
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_are_sent_what_they_understand() {
    let bodies = sent(Features::of(Generation::Main), 2).await;
    assert_eq!(bodies.len(), 2);
    assert!(bodies.iter().all(|body| body.contains(".AdmitPatient\"")), "{bodies:?}");
    assert!(!bodies.concat().contains("Elective") && !bodies.concat().contains("Renal"), "{bodies:?}");

    let bodies = sent(Features::of(Generation::Latest), 0).await;
    let classes = ["AdmitPatient", "PendingDischarge", "UpdateSubSpeciality", "AdmitPatient"];
    assert_eq!(bodies.len(), classes.len());
    for (body, class) in bodies.iter().zip(classes) {
        assert!(body.contains(&format!(".{class}\"")), "{body}");
        assert_eq!(body.contains("Renal"), class != "PendingDischarge", "{body}");
        assert_eq!(body.contains("Elective"), class == "AdmitPatient", "{body}");
    }
}
