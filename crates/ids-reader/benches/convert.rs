//! How many messages a core converts and writes as JSON in a second.

#![allow(missing_docs)]

use std::{
    hint::black_box,
    path::{Path, PathBuf},
};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use emap_ids_reader::{ConversionOutcome, ConvertSettings, Converter, message_id};
use emap_test_support::fixtures;

/// Header, patient and visit as long as a hospital writes them.
fn head(application: &str, kind: &str) -> Vec<String> {
    let doctor = "D4411^ARDEN^Rosalind^^^^^^PROVID^^^^PROVID";
    vec![
        format!("MSH|^~\\&|{application}|LAB|EPIC|HOSP|20240610120612||{kind}|0610120612L000117|P|2.3|||AL|NE"),
        "PID|1||60050101^^^MRN^MEDREC~9990001112^^^NHS^NHS||LINDEN^Iris^May^^MS^^D||19510322|F||A|2 Wood Lane^^Ardenford^^AF2 \
         2BB||020 0000 0000~07700 900000|||S|||5500501011||||||||||||N"
            .to_owned(),
        format!(
            "PV1|1|I|W05A^Bay 2^Bed 7^U^R|Emergency|||{doctor}||{doctor}|Med||||Usual|||{doctor}||5500501011|SELF\
             |||||||||||||||||||||Adm*Conf|||20240610101500"
        ),
    ]
}

fn request(order: u32, sample: &str, battery: &str, parent: &str) -> Vec<String> {
    vec![
        format!("ORC|RE|{order}|{sample}|{sample}5|CM||||202406101200"),
        format!(
            "OBR|1|{order}|{sample}|{battery}||202406101001|202406101000||||||?sepsis, fever for two days|202406101030|\
             BLD^Blood|D4411^ARDEN^Rosalind||||||202406101205||H1|F|{parent}"
        ),
    ]
}

/// Ten values with units, ranges and notes.
fn numbers() -> Vec<String> {
    let values = (1..=10).flat_map(|number| {
        [
            format!("OBX|{number}|NM|TEST{number}^Name of test {number}^Winpath||{number}.{number}|x10\\S\\9/L|1.5-5.3|H|||F|||202406101205"),
            format!("NTE|1||Note {number} of the laboratory"),
        ]
    });
    let request = request(90_010_001, "24L000117", "FBC^FBC AND DIFFERENTIAL^WinPath", "");
    [head("WinPath", "ORU^R01"), request, values.collect()].concat()
}

/// A culture with two isolates and six sensitivities of each.
fn culture() -> Vec<String> {
    let mut segments = head("WinPath", "ORU^R01");
    segments.extend(request(90_010_031, "24V000310", "URNC^URINE CULTURE^WinPath", ""));
    for isolate in 1..=2 {
        segments.push(format!("OBX|1|ST|ISOLATE^ISOLATE^Winpath|{isolate}|Heavy growth of|||A|||F"));
        segments.push(format!(
            "OBX|2|CE|ISOLATE^ISOLATE^Winpath|{isolate}|ECO{isolate}  ^Escherichia coli|||A|||F"
        ));
    }
    for isolate in 1..=2 {
        let parent = format!("ISOLATE&ISOLATE&Winpath^{isolate}");
        segments.extend(request(90_010_031, "24V000310", "SENS^SENSITIVITIES^WinPath", &parent));
        let drugs =
            (1..=6).map(|drug| format!("OBX|{drug}|ST|AB{drug}^Antibiotic {drug}^Winpath||AB{drug}|||S|||F"));
        segments.extend(drugs);
    }
    segments
}

/// A pathologist's report in lines.
fn report() -> Vec<String> {
    let lines = (1..=20).map(|line| {
        format!("OBX|{line}|TX|UH24-0917&rpt^^99DHT||Line {line}: sections show skin \\T\\ fat, no abnormality.||||||F")
    });
    let request = request(90_010_041, "UH24-0917^CoPathPlus", "H^Histopathology", "");
    [head("CoPath", "ORU^R01"), request, lines.collect()].concat()
}

fn imaging() -> Vec<String> {
    let lines = (1..=18).map(|line| {
        let part = if line < 12 { "GDT" } else { "IMP" };
        format!("OBX|{line}|ST|&{part}|{line}|Line {line} of what the radiologist saw and thought.||||||F|||||10021679^QUILL^Ada")
    });
    let asked = (1..=4).map(|note| format!("NTE|{note}||Question {note}?=Answer {note}"));
    let request = request(90_010_051, "RAD2400051", "XR^XR CHEST^PACS", "");
    [head("IMG_RESULT", "ORU^R01"), request, asked.collect(), lines.collect()].concat()
}

fn blood_gas() -> Vec<String> {
    let values = (1..=20).map(|number| {
        format!("OBX|{number}|ST|gas{number}^M||{number}.4|kPa||N|||F|||20240610093901||Anonymous")
    });
    let mut segments = head("ABL90 FLEX Plus^ED Resus", "ORU^R30");
    segments.push(
        "OBR|1||24060010113012345|VBG|||20240610093752|||||||20240610093900|Venous^^^^^^P||||||||||F"
            .to_owned(),
    );
    [segments, values.collect()].concat()
}

fn labs() -> Vec<Vec<u8>> {
    let messages = [numbers(), culture(), report(), imaging(), blood_gas()];
    messages.into_iter().map(|segments| segments.join("\r").into_bytes()).collect()
}

/// The HL7 files of all other families.
fn others() -> Vec<Vec<u8>> {
    let directories =
        ["adt", "allergies", "infections", "problems", "consults", "advance_decisions", "flowsheets"];
    let mut files = Vec::new();
    for directory in directories {
        collect(&fixtures::path("hl7").join(directory), &mut files);
    }
    files.sort();
    files.iter().filter_map(|file| std::fs::read(file).ok()).collect()
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

/// Bytes of JSON that the messages give. Infections are sent once in a converter's life, so each round has its own.
fn converted(texts: &[Vec<u8>]) -> usize {
    let mut converter = Converter::new(ConvertSettings::default());
    let mut written = 0;
    for (id, text) in (1..).zip(texts) {
        match converter.convert(&message_id(id), text).outcome {
            ConversionOutcome::Messages(messages) => {
                written += messages.iter().map(|message| message.to_json().len()).sum::<usize>();
            }
            other => panic!("a message that gives nothing: {other:?}"),
        }
    }
    written
}

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("convert and write");
    let of_labs = ["numbers", "culture", "report", "imaging", "blood gas"];
    for (name, text) in of_labs.into_iter().zip(labs()) {
        let name = format!("{name}, {} bytes", text.len());
        group.throughput(Throughput::Elements(1));
        group.bench_function(name, |bencher| {
            bencher.iter(|| converted(black_box(std::slice::from_ref(&text))));
        });
    }
    for (name, texts) in [("laboratories", labs()), ("all others", others())] {
        let mean = texts.iter().map(Vec::len).sum::<usize>() / texts.len().max(1);
        group.throughput(Throughput::Elements(texts.len() as u64));
        group.bench_function(format!("{name}, {mean} bytes"), |bencher| {
            bencher.iter(|| converted(black_box(&texts)));
        });
    }
    group.finish();
}

criterion_group!(convert, benches);
criterion_main!(convert);
