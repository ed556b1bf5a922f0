//! Options of a database URL against real servers, with and without TLS: which are trusted, and which are not.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{path::Path, process::Command};

use diesel::{QueryableByName, RunQueryDsl, sql_query};
use emap_local_services::{
    certificates::{Authority, Issued, Validity, write},
    postgres::{Options, Server, Tls, shared},
};
use emap_postgres::Config;

#[derive(QueryableByName)]
struct Encrypted {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    ssl: bool,
}

/// Whether the connection that this URL leads to is encrypted, or why there is none.
fn encrypted(url: &str) -> Result<bool, String> {
    let config = Config::from_url(url).map_err(|error| error.to_string())?;
    let mut connection = config.connect().map_err(|error| error.to_string())?;
    let found: Encrypted = sql_query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        .get_result(&mut connection)
        .map_err(|error| error.to_string())?;
    Ok(found.ssl)
}

/// A server with a certificate for `localhost`, and an authority that is not its own.
struct Site {
    dir: tempfile::TempDir,
    ours: Authority,
    server: Server,
}

impl Site {
    fn new(validity: Validity) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (ours, others) = (Authority::new().unwrap(), Authority::new().unwrap());
        write(dir.path(), "ours.pem", ours.certificate()).unwrap();
        write(dir.path(), "others.pem", others.certificate()).unwrap();
        let Issued { certificate, key, .. } = ours.issue("server", "localhost", validity).unwrap();
        let server = Server::start(Options {
            tls: Some(Tls { certificate, key, authority: ours.certificate() }),
            access: "hostssl all encrypted all trust\nhost all encrypted all reject\n\
                     hostssl all certified all cert\nhost all certified all reject"
                .to_owned(),
            ..Options::default()
        });
        let server = server.unwrap();
        server.query("postgres", "CREATE ROLE encrypted LOGIN; CREATE ROLE certified LOGIN").unwrap();
        Self { dir, ours, server }
    }

    /// As a Java program would write it; `CA` and `OTHER` stand for the files of the authorities.
    fn connect(&self, host: &str, options: &str) -> Result<bool, String> {
        let file = |name: &str| self.dir.path().join(name).display().to_string();
        let options = options.replace("CA", &file("ours.pem")).replace("OTHER", &file("others.pem"));
        let user = if options.contains("user=") { "" } else { "user=emap&" };
        encrypted(&format!("jdbc:postgresql://{host}:{}/postgres?{user}{options}", self.server.port()))
    }

    fn assert_refused(&self, host: &str, options: &str, reason: &str) {
        let error = self.connect(host, options).expect_err(options);
        assert!(error.contains(reason), "{options}: {error}");
    }
}

#[test]
fn modes_mean_what_the_java_driver_means() {
    let site = Site::new(Validity::Now);
    for (options, is_encrypted) in [
        ("ssl=true&sslrootcert=CA", true),
        ("sslmode=verify-full&sslrootcert=CA", true),
        ("sslmode=verify-ca&sslrootcert=CA", true),
        ("sslmode=require", true),
        ("sslmode=require&sslrootcert=CA", true),
        ("sslmode=prefer", true),
        ("ssl=false", true),
        ("", true),
        ("sslmode=allow", false),
        ("sslmode=disable", false),
        ("sslmode=disable&ssl=true", false),
        ("user=encrypted&sslmode=allow", true),
        ("user=encrypted&sslmode=prefer", true),
    ] {
        assert_eq!(site.connect("localhost", options), Ok(is_encrypted), "{options}");
    }
    site.assert_refused("localhost", "user=encrypted&sslmode=disable", "rejects");
    assert_eq!(site.connect("127.0.0.1", "sslmode=verify-ca&sslrootcert=CA"), Ok(true), "any host name");
}

#[test]
fn a_server_that_cannot_prove_who_it_is_is_refused() {
    let site = Site::new(Validity::Now);
    for mode in ["ssl=true", "sslmode=verify-full", "sslmode=verify-ca"] {
        site.assert_refused("localhost", &format!("{mode}&sslrootcert=OTHER"), "certificate verify failed");
        site.assert_refused("localhost", &format!("{mode}&sslrootcert=/no/such"), "option sslrootcert");
    }
    for mode in ["ssl=true", "sslmode=verify-full"] {
        site.assert_refused("127.0.0.1", &format!("{mode}&sslrootcert=CA"), "does not match host name");
    }
    // With a file of authorities, libpq verifies where the Java driver does not.
    site.assert_refused("localhost", "sslmode=require&sslrootcert=OTHER", "certificate verify failed");

    let expired = Site::new(Validity::Expired);
    for mode in ["ssl=true", "sslmode=verify-ca"] {
        expired.assert_refused("localhost", &format!("{mode}&sslrootcert=CA"), "certificate verify failed");
    }
    assert_eq!(expired.connect("localhost", "sslmode=require"), Ok(true));
}

#[test]
fn a_server_without_tls_is_refused_where_encryption_is_demanded() {
    let site = Site::new(Validity::Now);
    let ca = site.dir.path().join("ours.pem");
    let url = |options: &str| {
        let options = options.replace("CA", &ca.display().to_string());
        format!("jdbc:postgresql://localhost:{}/postgres?user=emap&{options}", shared().port())
    };
    for demanded in ["ssl=true&sslrootcert=CA", "sslmode=verify-ca&sslrootcert=CA", "sslmode=require"] {
        let error = encrypted(&url(demanded)).unwrap_err();
        assert!(error.contains("server does not support SSL"), "{demanded}: {error}");
    }
    for left_open in ["sslmode=disable", "sslmode=allow", "sslmode=prefer", ""] {
        assert_eq!(encrypted(&url(left_open)), Ok(false), "{left_open}");
    }
}

fn openssl(dir: &Path, arguments: &[&str]) {
    let output = Command::new("openssl").current_dir(dir).args(arguments).output().expect("openssl");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn our_own_certificate_is_shown_with_a_key_in_any_form_that_libpq_reads() {
    let site = Site::new(Validity::Now);
    let dir = site.dir.path();
    let Issued { certificate, key, key_der } = site.ours.issue("certified", "client", Validity::Now).unwrap();
    write(dir, "client.crt", certificate).unwrap();
    write(dir, "client.key", key).unwrap();
    write(dir, "client.pk8", key_der).unwrap();
    let encrypt = ["pkcs8", "-topk8", "-in", "client.key", "-passout", "pass:se cr%t", "-out"];
    for (name, form) in [("locked.key", "PEM"), ("locked.pk8", "DER")] {
        write(dir, name, "").unwrap();
        openssl(dir, &[&encrypt[..], &[name, "-outform", form]].concat());
    }
    let export = ["pkcs12", "-export", "-in", "client.crt", "-inkey", "client.key", "-passout", "pass:x"];
    openssl(dir, &[&export[..], &["-out", "store"]].concat());

    let dir = dir.display();
    let with = |key: &str, more: &str| {
        let options = format!("user=certified&ssl=true&sslrootcert=CA&sslcert={dir}/client.crt");
        site.connect("localhost", &format!("{options}&sslkey={dir}/{key}{more}"))
    };
    assert_eq!(with("client.key", ""), Ok(true));
    assert_eq!(with("client.pk8", ""), Ok(true));
    assert_eq!(with("locked.key", "&sslpassword=se+cr%25t"), Ok(true));
    for (key, more, reason) in [
        ("locked.key", "&sslpassword=wrong", "could not load private key file"),
        ("locked.pk8", "&sslpassword=se+cr%25t", "option sslkey is an encrypted key in DER"),
        ("store", "&sslpassword=x", "option sslkey is in PKCS #12"),
        ("missing.key", "", "option sslkey cannot be read"),
    ] {
        let error = with(key, more).unwrap_err();
        assert!(error.contains(reason), "{key}: {error}");
    }
    let none = "user=certified&ssl=true&sslrootcert=CA";
    site.assert_refused("localhost", none, "requires a valid client certificate");
    site.assert_refused("localhost", &format!("{none}&sslcert={dir}/missing.crt"), "option sslcert");
}
