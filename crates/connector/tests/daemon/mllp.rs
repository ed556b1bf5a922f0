//! Messages over MLLP.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use emap_hl7::mllp::{Deframer, frame};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
};

use super::{messages::adt, site::Site};

fn quiet(changes: &[(&str, &str)]) -> Site {
    let mut all = vec![("RABBITMQ_DISABLED", "true".to_owned())];
    all.extend(changes.iter().map(|(name, value)| (*name, (*value).to_owned())));
    Site::ready(&all)
}

/// Reads so many answers.
pub(super) fn answers(stream: &mut TcpStream, count: usize) -> Vec<String> {
    let (mut deframer, mut found) = (Deframer::new(1 << 20), Vec::new());
    let mut buffer = [0; 4096];
    while found.len() < count {
        let length = stream.read(&mut buffer).unwrap();
        assert!(length > 0, "closed after {found:?}");
        deframer.extend(&buffer[..length]);
        while let Some(answer) = deframer.next_message().unwrap() {
            found.push(String::from_utf8(answer).unwrap());
        }
    }
    found
}

fn is_cut_off(stream: &mut TcpStream) -> bool {
    matches!(stream.read(&mut [0; 64]), Ok(0) | Err(_))
}

#[test]
fn pipelined_messages_are_answered_in_order_however_the_bytes_are_cut() {
    let site = quiet(&[]);
    let mut stream = site.mllp();
    let messages: Vec<String> = (0..300)
        .map(|number| {
            if number % 7 == 3 {
                adt("A06", &number.to_string(), "")
            } else {
                adt("A01", &number.to_string(), "")
            }
        })
        .collect();
    let bytes: Vec<u8> = messages.iter().flat_map(|message| frame(message.as_bytes())).collect();
    let mut sending = stream.try_clone().unwrap();
    let writer = std::thread::spawn(move || {
        for piece in bytes.chunks(777) {
            sending.write_all(piece).unwrap();
        }
    });
    for (number, answer) in answers(&mut stream, 300).iter().enumerate() {
        let code = if number % 7 == 3 { "AR" } else { "AA" };
        assert!(answer.contains(&format!("MSA|{code}|{number}\r")), "{number}: {answer}");
    }
    writer.join().unwrap();
    // An answer means that the row is there.
    assert_eq!(site.database.value("SELECT count(*) FROM public.hl7_message"), "300");
    assert_eq!(site.database.value("SELECT max(created_by_) FROM public.hl7_message"), "mllp");
    stream.write_all(&frame(adt("A01", "0", "").as_bytes())).unwrap();
    assert!(answers(&mut stream, 1)[0].contains(
        "MSA|AR|0\r\nERR|||Hl7ApplicationRejectException|E||||HL7 message appears to be duplicate"
    ));
}

#[test]
fn the_sender_chooses_the_answer() {
    let site = quiet(&[]);
    let mut stream = site.mllp();
    let with = |id: &str, modes: &str| adt("A01", id, "").replace("|P|2.3\r", &format!("|P|2.3|||{modes}\r"));
    let never = with("1", "NE|NE");
    let on_error = with("2", "ER|NE");
    for message in [never, on_error.clone(), on_error, with("3", "AL"), with("4", "NE|AL")] {
        stream.write_all(&frame(message.as_bytes())).unwrap();
    }
    let answers = answers(&mut stream, 3);
    assert!(answers[0].contains("MSA|CR|2"), "{answers:?}");
    assert!(answers[1].contains("MSA|CA|3"), "{answers:?}");
    assert!(answers[2].contains("MSA|AA|4"), "{answers:?}");
}

#[test]
fn hopeless_frames_are_answered() {
    let site = quiet(&[]);
    let mut stream = site.mllp();
    let latin = [adt("A01", "l", "").as_bytes(), b"ZZZ|Zo\xeb\r"].concat();
    for bytes in [&b""[..], b"hello", b"MSH", b"MSH|^~\\&|A", &latin, adt("A01", "n", "ZZZ|\0\r").as_bytes()]
    {
        stream.write_all(&frame(bytes)).unwrap();
        let answer = answers(&mut stream, 1).remove(0);
        assert!(answer.contains("MSA|AR|"), "{answer}");
    }
    stream.write_all(&frame(adt("A01", "1", "").as_bytes())).unwrap();
    assert!(answers(&mut stream, 1)[0].contains("MSA|AA|1"));
}

#[test]
fn endless_slow_and_silent_senders_are_cut_off() {
    let site = quiet(&[("CONNECTOR_MLLP_MAX_MESSAGE_BYTES", "5000"), ("CONNECTOR_MLLP_IDLE_SECONDS", "2")]);
    let mut endless = site.mllp();
    let _ = endless.write_all(&[&b"\x0bMSH|"[..], &vec![b'x'; 20_000]].concat());
    assert!(is_cut_off(&mut endless));
    let mut slow = site.mllp();
    let mut silent = site.mllp();
    let begin = std::time::Instant::now();
    for byte in frame(adt("A01", "1", "").as_bytes()) {
        if slow.write_all(&[byte]).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
        if begin.elapsed() > Duration::from_secs(2) {
            break;
        }
    }
    assert!(is_cut_off(&mut slow));
    assert!(is_cut_off(&mut silent));
    assert_eq!(site.database.value("SELECT count(*) FROM public.hl7_message"), "0");
    assert_eq!(site.get("/running").status, 200);
}

#[test]
fn only_allowed_addresses_may_send() {
    let site = quiet(&[("CONNECTOR_MLLP_ALLOW", "192.0.2.0/24")]);
    let mut stream = site.mllp();
    let _ = stream.write_all(&frame(adt("A01", "1", "").as_bytes()));
    assert!(is_cut_off(&mut stream));
    assert_eq!(site.database.value("SELECT count(*) FROM public.hl7_message"), "0");
}

/// Also if the sender has sent more than is accepted: a connection that was closed on it would be reset, and take back
/// answers on their way.
#[test]
fn a_stop_answers_what_was_accepted() {
    let mut site = quiet(&[]);
    let mut stream = site.mllp();
    let mut sending = stream.try_clone().unwrap();
    let sender = std::thread::spawn(move || {
        for number in 0..20_000 {
            // It ends when the daemon has.
            if sending.write_all(&frame(adt("A01", &number.to_string(), "").as_bytes())).is_err() {
                break;
            }
        }
    });
    let mut answered = answers(&mut stream, 20).len();
    let reader = std::thread::spawn(move || {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        rest
    });
    assert_eq!(site.stop().0, Some(0));
    // The first read may have taken a part of an answer.
    answered += String::from_utf8_lossy(&reader.join().unwrap()).matches("MSA|AA|").count();
    sender.join().unwrap();
    let stored: usize = site.database.value("SELECT count(*) FROM public.hl7_message").parse().unwrap();
    assert!(stored < 20_000 && answered.abs_diff(stored) <= 1, "{answered} answers, {stored} rows");
}

#[test]
fn large_messages_of_many_senders_wait_for_room() {
    let site = quiet(&[]);
    std::thread::scope(|scope| {
        for sender in 0..8 {
            let mut stream = site.mllp();
            scope.spawn(move || {
                let long = adt("A01", &sender.to_string(), &format!("ZZZ|{}\r", "x".repeat(2 << 20)));
                stream.write_all(&frame(long.as_bytes())).unwrap();
                assert!(answers(&mut stream, 1)[0].contains(&format!("MSA|AA|{sender}\r")));
            });
        }
    });
}

/// A client's settings for TLS; the certificate and key are its own.
fn client(
    authority: &CertificateDer<'static>,
    own: Option<&rcgen::CertifiedKey<rcgen::KeyPair>>,
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(authority.clone()).unwrap();
    let builder = ClientConfig::builder_with_provider(std::sync::Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    match own {
        None => builder.with_no_client_auth(),
        Some(own) => {
            let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
            builder.with_client_auth_cert(vec![own.cert.der().clone()], key).unwrap()
        }
    }
}

/// Sends a message; the answer is empty if there is none.
fn secured(site: &Site, config: ClientConfig, id: &str) -> String {
    let session =
        ClientConnection::new(std::sync::Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut secured = StreamOwned::new(session, site.mllp());
    let mut buffer = [0; 4096];
    let sent = secured.write_all(&frame(adt("A01", id, "").as_bytes()));
    let length = sent.and_then(|()| secured.read(&mut buffer)).unwrap_or_default();
    String::from_utf8_lossy(&buffer[..length]).into_owned()
}

#[test]
fn only_clients_with_a_certificate_of_the_authority_may_send() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let certified = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (server, known, stranger) = (certified(), certified(), certified());
    let site = quiet(&[
        ("CONNECTOR_MLLP_TLS_CERT", &file("c.pem", server.cert.pem())),
        ("CONNECTOR_MLLP_TLS_KEY", &file("k.pem", server.signing_key.serialize_pem())),
        ("CONNECTOR_MLLP_TLS_CLIENT_CA", &file("ca.pem", known.cert.pem())),
    ]);
    let authority = server.cert.der();
    assert_eq!(secured(&site, client(authority, None), "1"), "");
    assert_eq!(secured(&site, client(authority, Some(&stranger)), "2"), "");
    assert!(secured(&site, client(authority, Some(&known)), "3").contains("MSA|AA|3"));
    assert_eq!(site.database.value("SELECT count(*) FROM public.hl7_message"), "1");
}

#[test]
fn tls_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (directory.path().join("c.pem"), directory.path().join("k.pem"));
    std::fs::write(&certificate, certified.cert.pem()).unwrap();
    std::fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
    let site = quiet(&[
        ("CONNECTOR_MLLP_TLS_CERT", certificate.to_str().unwrap()),
        ("CONNECTOR_MLLP_TLS_KEY", key.to_str().unwrap()),
    ]);
    let mut plain = site.mllp();
    let _ = plain.write_all(&frame(adt("A01", "1", "").as_bytes()));
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!String::from_utf8_lossy(&answer).contains("MSA"));

    assert!(secured(&site, client(certified.cert.der(), None), "2").contains("MSA|AA|2"));
}
