//! Parsing an admission of about 1.5 kB, against bare splitting.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use emap_hl7::{HospitalZone, Message};

fn admission() -> String {
    let doctor = "D4411^ARDEN^Rosalind^^^^^^PROVID^^^^PROVID";
    let kin: Vec<_> = (1..=6)
        .map(|n| format!("NK1|{n}|ARDEN^Celia^^^^^L|SIS|1 Forest Row^^Ardenford^^AF1 1AA|020 0000 000{n}|N"))
        .collect();
    let kin = kin.join("\r");
    format!(
        "MSH|^~\\&|EPIC|HOSP|||20240105103015|77|ADT^A01|5001|P|2.4|||AL|NE\r\
         EVN|A01|20240105103015||ADT_EVENT|77^CLERK^Ward^^^^^^HOSP|20240105102900\r\
         PID|1||9000117^^^MRN^MEDREC~9990001112^^^NHS^NHS||OLIVER^Orlando^de^^MR^^D||19600229|M||A|2 Wood Lane^^Ardenford^^AF2 \
         2BB||020 0000 0000~07700 900000|||S|||||||||||||||N\r{kin}\r\
         PV1|1|I|W05A^Bay 2^Bed 7^U^R|Emergency||ED^Majors^03|{doctor}||{doctor}|Med||||Usual|||{doctor}||80011223|SELF\
         |||||||||||||||||||||Adm*Conf|||20240105101500\r\
         PV2|||||||||20240108||||Hospital Encounter||||||||||N|||||||||||||||Ambulance\r\
         OBX|1|TX|AdminCode^ADMINISTRATIVE CATEGORY CODE|1|1|||||||||20240105\r"
    )
}

/// Field numbers that an ADT conversion reads.
const READ: [(&str, &[usize]); 4] = [
    ("EVN", &[2, 4, 6]),
    ("PID", &[3, 5, 7, 8, 11, 17, 22, 29, 30]),
    ("PV1", &[2, 3, 6, 19, 44]),
    ("PV2", &[38]),
];

fn read(text: &str) -> usize {
    let Ok(message) = Message::parse(text) else { return 0 };
    let mut length = 0;
    for (name, numbers) in READ {
        let Some(segment) = message.segment(name) else { continue };
        let fields = segment.fields();
        length += numbers
            .iter()
            .filter_map(|&number| fields.field(number).value().literal())
            .map(|t| t.len())
            .sum::<usize>();
    }
    length
}

fn benches(criterion: &mut Criterion) {
    let text = admission();
    let mut group = criterion.benchmark_group("admission");
    group.throughput(Throughput::Elements(1));
    group.bench_function("split on every separator", |bencher| {
        bencher.iter(|| black_box(&text).split(['\r', '|']).map(str::len).sum::<usize>());
    });
    group.bench_function("parse", |bencher| {
        bencher.iter(|| Message::parse(black_box(&text)).map_or(0, |message| message.segments().len()));
    });
    group.bench_function("parse and read eighteen fields", |bencher| bencher.iter(|| read(black_box(&text))));
    let zone = HospitalZone::default();
    let Ok(message) = Message::parse(&text) else { return };
    let recorded = message.header().field(7);
    group.bench_function("timestamp to instant", |bencher| {
        bencher.iter(|| black_box(recorded).timestamp().map(|t| t.map(|t| t.instant(zone))));
    });
    group.finish();
}

criterion_group!(parse, benches);
criterion_main!(parse);
