//! Rejected rows are published when they can be converted.

use emap_ids::Reject;
use emap_ids_reader::run::{RetrySummary, retry};
use emap_service::Runtime;

use crate::site::{Site, admission, instant, row};

fn reject(unid: i64) -> Reject {
    Reject {
        unid,
        message_type: None,
        trigger_event: None,
        sender: None,
        reason: "an older reader could not read it".to_owned(),
        rejected_at: instant("2026-03-01T09:00:00Z"),
        partial: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_converts_now_is_published_and_closed_the_rest_stays() {
    let mut site = Site::new();
    let at = instant("2026-03-01T00:00:00Z");
    let skipped = admission(3).replace("ADT^A01", "SIU^S12");
    let rows = [row(&admission(1), at), row("garbage", at), row(&admission(2), at), row(&skipped, at)];
    site.store.append_batch(&rows).unwrap();
    let mut progress = site.progress_store();
    progress.record_rejects(&[reject(1), reject(2), reject(3), reject(4), reject(77)]).unwrap();

    // A row at a time, as if each was large.
    site.settings.block.bytes = 1;
    let once = || retry(site.settings.clone(), Runtime::new(site.transport()));
    let summary = once().await.unwrap();
    assert_eq!(summary, RetrySummary { rows: 5, messages: 2, still_rejected: 1, gone: 1 });
    assert_eq!(site.take(2).await, [1, 3]);
    let rejects = site.rejects();
    assert_eq!(rejects.keys().copied().collect::<Vec<_>>(), [2, 77]);
    assert!(!rejects[&2].contains("older reader"), "{rejects:?}");
    assert_eq!(site.progress(), None);

    let again = once().await.unwrap();
    assert_eq!((again.rows, again.messages), (2, 0));
}
