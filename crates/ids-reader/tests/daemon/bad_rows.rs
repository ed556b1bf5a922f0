//! Rows that cannot be converted leave a reason, and everything after them goes on.

use emap_ids::NewRow;

use crate::{
    process::Processes,
    site::{Site, admission, instant, row, take, until},
};

#[tokio::test(flavor = "multi_thread")]
async fn each_bad_row_leaves_a_reason_and_the_next_goes_on() {
    let mut site = Site::new();
    let at = instant("2026-03-01T00:00:00Z");
    let large = admission(1) + "NTE|1||" + &"x".repeat(5 << 20) + "\r";
    let large_nonsense = "no header ".repeat(500_000);
    let texts: [(&str, bool); 9] = [
        ("", false),
        (" \r\n", false),
        ("PID|1||no header", false),
        ("MSH", false),
        ("MSH|^~\\&|EPIC|", false),
        ("%PDF-1.7 garbage \u{fffd}\u{1}\u{2}", false),
        (&large, true),
        (&large_nonsense, false),
        ("MSH|^~\\&|EPIC||||nonsense||ADT^A01|1|T|2.5\rEVN|A01|nonsense\rPID|1||5\rPV1|1|I", false),
    ];
    let mut rows = vec![NewRow { persist_datetime: Some(at), ..NewRow::default() }];
    let mut wanted_rejects = vec![1];
    let mut wanted_messages = Vec::new();
    for (text, is_good) in texts {
        rows.push(row(text, at));
        let unid = i64::try_from(rows.len()).unwrap();
        if is_good {
            wanted_messages.push(unid);
        } else {
            wanted_rejects.push(unid);
        }
        rows.push(row(&admission(7), at));
        wanted_messages.push(unid + 1);
    }
    site.store.append_batch(&rows).unwrap();

    let summary = site.run().await.unwrap();
    let rejects = site.rejects();
    assert_eq!(rejects.keys().copied().collect::<Vec<_>>(), wanted_rejects, "{rejects:?}");
    assert_eq!(rejects[&1], "hl7message is null");
    assert_eq!(rejects[&2], "hl7message is empty");
    assert!(rejects.values().all(|reason| !reason.is_empty() && !reason.contains("nonsense")), "{rejects:?}");
    assert_eq!(summary.rejected, wanted_rejects.len() as u64);
    assert_eq!(site.take(wanted_messages.len()).await, wanted_messages);
    assert_eq!(site.progress().unwrap().unid, i64::try_from(rows.len()).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reject_says_what_kind_of_message_it_was() {
    let mut site = Site::new();
    let bad_date = admission(3).replace("EVN|A01|20260301083000", "EVN|A01|nonsense");
    site.store.append(&row(&bad_date, instant("2026-03-01T00:00:00Z"))).unwrap();
    site.run().await.unwrap();
    let rejects = site.progress_store().open_rejects(0, 10).unwrap();
    let reject = &rejects[0];
    let kind = (reject.message_type.as_deref(), reject.trigger_event.as_deref(), reject.sender.as_deref());
    assert_eq!(kind, (Some("ADT"), Some("A01"), Some("EPIC")));
    assert!(reject.reason.contains("EVN"), "{}", reject.reason);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_rejects_in_a_row_are_all_on_record() {
    let mut site = Site::new();
    let rows: Vec<NewRow> = (0..3000).map(|_| row("nothing", instant("2026-03-01T00:00:00Z"))).collect();
    site.store.append_batch(&rows).unwrap();
    let summary = site.run().await.unwrap();
    assert_eq!((summary.rejected, summary.messages), (3000, 0));
    assert_eq!(site.progress_store().open_rejects(2990, 100).unwrap().len(), 10);
    assert_eq!(site.progress().unwrap().unid, 3000);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_is_left_out_is_a_partial_reject() {
    let mut site = Site::new();
    let allergies = "MSH|^~\\&|EPIC||||20260301083000||ADT^A60|1|T|2.5\rEVN|A60|20260301083000\rPID|1||5\r\
        IAM|1|Food|^NUTS|||A|17\rIAM|2|Food|^MILK|||?|18";
    site.store.append(&row(allergies, instant("2026-03-01T09:00:00Z"))).unwrap();
    let summary = site.run().await.unwrap();
    assert_eq!((summary.messages, summary.rejected), (1, 0));
    let rejects = site.progress_store().open_rejects(0, 10).unwrap();
    let [reject] = &*rejects else { panic!("{rejects:?}") };
    assert!(reject.partial);
    assert_eq!(reject.reason, "IAM-7 (segment 5): IAM-6 (segment 5): unknown action");
    assert_eq!(site.progress().unwrap().unid, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_rejects_what_is_too_large_or_panics_and_goes_on() {
    let mut site = Site::new();
    let at = instant("2026-03-01T00:00:00Z");
    let large = admission(2).replace("Teapot", &"Teapot".repeat(10_000));
    let marked = admission(3).replace("Teapot", "Pan-ic-mark");
    let texts = [admission(1), large, marked, admission(4), admission(5)];
    site.store.append_batch(&texts.map(|text| row(&text, at))).unwrap();
    let processes = Processes::new();
    let reader = processes
        .reader(&site)
        .environment("RABBITMQ_MAX_MESSAGE_BYTES", "20000")
        .environment("EMAP_TEST_PANIC_AT", "Pan-ic-mark");
    let reader = processes.start(&reader, "reader");
    site.until_saved(5).await;
    let rejects = site.rejects();
    assert_eq!(rejects.keys().copied().collect::<Vec<_>>(), [2, 3], "{rejects:?}");
    let (large, panicked) = (&rejects[&2], &rejects[&3]);
    assert!(large.ends_with("more than the 20000 that may be sent"), "{large}");
    assert!(panicked.starts_with("the program failed on it at "), "{panicked}");
    assert!(panicked.contains("conversion.rs:") && !panicked.contains("Pan-ic"), "{panicked}");
    assert_eq!(take(processes.broker(), 3).await, [1, 4, 5]);
    until("readiness", || reader.is_ready()).await;
    assert!(!processes.log("reader").contains("Pan-ic"), "{}", processes.log("reader"));
}
