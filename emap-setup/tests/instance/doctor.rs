//! What is found wrong before anything is started.

mod sources;

use std::{net::TcpListener, path::Path, process::Command};

use emap_local_services::{
    certificates::{Authority, Issued, Validity, write},
    postgres, rabbitmq,
};
use emap_test_support::database::{self, Database};

use crate::project::{Project, Ran};

/// A site whose servers are there, and an instance that fits it.
struct Site {
    project: Project,
    star: Database,
    broker: &'static rabbitmq::Server,
    ports: Vec<u16>,
}

/// Ports that nothing listens on.
fn free_ports(count: usize) -> Vec<u16> {
    let listeners: Vec<TcpListener> =
        (0..count).map(|_| TcpListener::bind(("0.0.0.0", 0)).unwrap()).collect();
    listeners.iter().map(|listener| listener.local_addr().unwrap().port()).collect()
}

impl Site {
    fn new() -> Self {
        let (star, broker) = (database::fresh(), rabbitmq::shared());
        emap_ids::migrate(&star.url(), "ids").unwrap();
        star.execute(
            "INSERT INTO ids.tbl_ids_master (unid, hl7message, persistdatetime) VALUES (1, '', now())",
        );
        let site = Self { project: Project::new(""), star, broker, ports: free_ports(3) };
        site.project.respond("version", "echo 2.24.0");
        site.write(&site.yaml());
        site.project.respond("ps", "exit 0");
        site
    }

    /// This machine, as a container calls it.
    fn jdbc_url(&self) -> String {
        self.star.jdbc_url().replace("127.0.0.1", "host.docker.internal")
    }

    fn yaml(&self) -> String {
        let (url, user) = (self.jdbc_url(), postgres::USER);
        let [amqp, admin, health] = self.ports[..] else { unreachable!() };
        format!(
            "EMAP_PROJECT_NAME: lane
repositories: {{emap: }}
rabbitmq:
  SPRING_RABBITMQ_HOST: host.docker.internal
  SPRING_RABBITMQ_PORT: {broker}
  SPRING_RABBITMQ_USERNAME: guest
  SPRING_RABBITMQ_PASSWORD: guest
  RABBITMQ_DEFAULT_USER: guest
  RABBITMQ_DEFAULT_PASS: guest
global: {{RABBITMQ_PORT: {amqp}, RABBITMQ_ADMIN_PORT: {admin}, HL7_READER_PORT: {health}}}
ids: {{IDS_JDBC_URL: \"{url}\", IDS_SCHEMA: ids, IDS_USERNAME: {user}, IDS_PASSWORD: none}}
dates:
  start: 2021-05-06T00:00:00Z
  end: 2021-05-07T00:00:00Z
uds: {{UDS_JDBC_URL: \"{url}\", UDS_SCHEMA: star, UDS_USERNAME: {user}, UDS_PASSWORD: none}}
",
            broker = self.broker.port(),
        )
    }

    fn write(&self, yaml: &str) {
        use std::os::unix::fs::PermissionsExt;
        self.project.write("project/global-configuration.yaml", yaml);
        let path = self.project.path("project/global-configuration.yaml");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// With the templates and compose files of this checkout.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.command(arguments);
        command.env("EMAP_HOME", Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments))
    }

    /// The lines of a look after `setup -g`.
    fn doctor(&self) -> Ran {
        self.run(&["setup", "-g"]).expect_success();
        self.run(&["doctor"])
    }

    /// The same with a piece of the configuration replaced: it has to fail with a line of this subject that has these
    /// words.
    fn expect_failure(&self, from: &str, to: &str, subject: &str, words: &str) {
        let yaml = self.yaml();
        assert!(yaml.contains(from), "{from}");
        self.write(&yaml.replacen(from, to, 1));
        let ran = self.doctor();
        let printed = ran.stdout();
        let found = printed.lines().any(|line| {
            line.starts_with(&format!("FAIL {subject}: ")) && line.contains(words) && line.contains(" – ")
        });
        assert!(found, "{from} -> {to}: {printed}");
        assert_eq!(ran.code(), Some(1), "{printed}");
        self.write(&yaml);
    }
}

#[test]
fn an_instance_that_fits_its_site_has_nothing_that_fails() {
    let site = Site::new();
    let ran = site.doctor();
    let printed = ran.stdout();
    assert_eq!(ran.code(), Some(0), "{printed}");
    for line in [
        "ok   EMAP_PROJECT_NAME: lane",
        "ok   core: has all settings that it needs",
        "ok   hl7-reader: has all settings that it needs",
        "ok   config/: as global-configuration.yaml says",
        "ok   schema star: ours and up to date",
        "ok   ids.tbl_ids_master: can be read",
        "ok   time zone: Europe/London",
        "ok   dates: from 2021-05-06T00:00:00Z until 2021-05-07T00:00:00Z",
    ] {
        assert!(printed.lines().any(|printed| printed.starts_with(line)), "{line}: {printed}");
    }
    let json: serde_json::Value = serde_json::from_str(&site.run(&["doctor", "--json"]).stdout()).unwrap();
    assert_eq!(
        (json["ok"].as_bool(), json["findings"].as_array().unwrap().len()),
        (Some(true), printed.lines().count())
    );
    assert!(json["findings"].as_array().unwrap().iter().all(|finding| finding["level"] != "FAIL"));
    assert!(!printed.contains("guest"), "an account: {printed}");
}

#[test]
fn what_would_fail_has_a_line_that_says_what_to_do() {
    let site = Site::new();
    let taken = TcpListener::bind(("0.0.0.0", 0)).unwrap();
    let taken = taken.local_addr().unwrap().port().to_string();
    let [amqp, admin, _] = site.ports[..] else { unreachable!() };
    let schema = "UDS_SCHEMA: star";
    for (from, to, subject, words) in [
        ("EMAP_PROJECT_NAME: lane", "EMAP_PROJECT_NAME: My Lane", "EMAP_PROJECT_NAME", "My Lane"),
        ("end: 2021-05-07", "end: 2021-05-05", "dates", "not after the start"),
        ("UDS_SCHEMA: star", "UDS_SCHEMA: \"\"", "core", "set UDS_SCHEMA"),
        (
            &format!("RABBITMQ_ADMIN_PORT: {admin}"),
            &format!("RABBITMQ_ADMIN_PORT: {amqp}"),
            "RABBITMQ_ADMIN_PORT",
            "that of RABBITMQ_PORT too",
        ),
        (
            &format!("HL7_READER_PORT: {}", site.ports[2]),
            &format!("HL7_READER_PORT: {taken}"),
            "HL7_READER_PORT",
            "taken by another program",
        ),
        (
            &format!("RABBITMQ_PORT: {amqp}"),
            "RABBITMQ_PORT: amqp",
            "RABBITMQ_PORT",
            "global-configuration.yaml:10: \"amqp\" is no port",
        ),
        ("IDS_SCHEMA: ids", "IDS_SCHEMA: other", "other.tbl_ids_master", "no such table"),
        (schema, "UDS_SCHEMA: ids", "schema ids", "not of EMAP: tbl_ids_master"),
        ("SPRING_RABBITMQ_PASSWORD: guest", "SPRING_RABBITMQ_PASSWORD: wrong", "broker", ""),
    ] {
        site.expect_failure(from, to, subject, words);
    }
}

#[test]
fn an_impossible_window_stops_with_its_line() {
    let site = Site::new();
    site.write(&site.yaml().replace("end: 2021-05-07T00:00:00Z", "end: soon"));
    let ran = site.run(&["doctor"]);
    assert_eq!(ran.code(), Some(1));
    let line = "FAIL configuration: global-configuration.yaml:14: dates.end: not a date or time";
    assert!(ran.stdout().starts_with(line), "{}", ran.stdout());
    std::fs::remove_file(site.project.path("project/global-configuration.yaml")).unwrap();
    let ran = site.run(&["doctor", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout()).unwrap();
    assert_eq!((ran.code(), json["ok"].as_bool()), (Some(1), Some(false)));
}

#[test]
fn services_of_the_instance_that_do_not_run_yet_are_no_failure() {
    let site = Site::new();
    let broker =
        format!("SPRING_RABBITMQ_HOST: host.docker.internal\n  SPRING_RABBITMQ_PORT: {}", site.broker.port());
    let url = format!("UDS_JDBC_URL: \"{}\"", site.jdbc_url());
    let with_fake = site
        .yaml()
        .replace(&broker, "SPRING_RABBITMQ_HOST: rabbitmq\n  SPRING_RABBITMQ_PORT: 5672")
        .replace(&url, "UDS_JDBC_URL: jdbc:postgresql://fakeuds:5432/fakeuds");
    let port = free_ports(1)[0];
    let fake = format!(
        "fake_uds: {{enable_fake_uds: true, FAKEUDS_PORT: {port}, POSTGRES_DB: fakeuds, POSTGRES_USER: a, POSTGRES_PASSWORD: b}}\n"
    );
    site.write(&format!("{with_fake}{fake}"));
    let ran = site.doctor();
    let printed = ran.stdout();
    assert_eq!(ran.code(), Some(0), "{printed}");
    assert!(printed.contains("ok   star database: service fakeuds of this instance"), "{printed}");
    assert!(printed.contains("ok   broker: service rabbitmq of this instance"), "{printed}");
    // Once core runs, it needs its database.
    let container = |service: &str| format!("printf 'lane\\t\\t{service}\\t\\t\\n'\n");
    site.project.respond("ps", &container("core"));
    let ran = site.doctor();
    let words = "FAIL star database: service fakeuds of this instance does not run, and core, which needs it, does – \
                 emap docker up -d fakeuds";
    assert!(ran.stdout().contains(words), "{}", ran.stdout());
    assert_eq!(ran.code(), Some(1));
    // One that runs has to let core in.
    site.project.respond("ps", &[container("core"), container("fakeuds")].concat());
    let printed = site.doctor().stdout();
    let words = format!("FAIL star database: postgresql://127.0.0.1:{port}/fakeuds: ");
    assert!(printed.contains(&words) && printed.contains("user and password in"), "{printed}");
    site.project.respond("ps", "exit 0");
    // The same name without the service leads nowhere.
    site.write(&with_fake);
    let printed = site.doctor().stdout();
    assert!(printed.contains("FAIL star database: postgresql://fakeuds:5432/fakeuds: "), "{printed}");
    // The account of the instance's own broker.
    site.write(&with_fake.replace("RABBITMQ_DEFAULT_PASS: guest", "RABBITMQ_DEFAULT_PASS: other"));
    let printed = site.doctor().stdout();
    assert!(
        printed.contains("FAIL broker account: RABBITMQ_DEFAULT_PASS and SPRING_RABBITMQ_PASSWORD differ"),
        "{printed}"
    );
}

/// The certificate names the service, and is that of the authority in the instance's directory.
#[test]
fn a_broker_of_the_instance_is_looked_at_by_tls_where_that_is_on() {
    let site = Site::new();
    let authority = Authority::new().unwrap();
    let directory = site.project.path("project/tls");
    std::fs::create_dir(&directory).unwrap();
    write(&directory, "ca.pem", authority.certificate()).unwrap();
    let Issued { certificate, key, .. } = authority.issue("broker", "rabbitmq", Validity::Now).unwrap();
    let [amqp, ..] = site.ports[..] else { unreachable!() };
    let configuration = format!(
        "listeners.ssl.1 = 127.0.0.1:{amqp}\nssl_options.cacertfile = {}\nssl_options.certfile = {}\n\
         ssl_options.keyfile = {}\nssl_options.verify = verify_none\n",
        directory.join("ca.pem").display(),
        write(&directory, "broker.pem", certificate).unwrap().display(),
        write(&directory, "broker.key", key).unwrap().display(),
    );
    let _broker = rabbitmq::Server::start(rabbitmq::Options { configuration, ..Default::default() }).unwrap();
    let host =
        format!("SPRING_RABBITMQ_HOST: host.docker.internal\n  SPRING_RABBITMQ_PORT: {}", site.broker.port());
    let ours = site.yaml().replace(&host, "SPRING_RABBITMQ_HOST: rabbitmq\n  SPRING_RABBITMQ_PORT: 5672");
    site.write(&format!("{ours}features: {{tls: true}}\n"));
    let holds = format!("printf 'lane\\t\\trabbitmq\\t0.0.0.0:{amqp}->5672/tcp\\t\\n'");
    site.project.respond("ps", &holds);
    let ran = site.doctor();
    assert!(ran.stdout().contains(&format!("ok   broker: 127.0.0.1:{amqp}: reachable")), "{}", ran.stdout());
    assert_eq!(ran.code(), Some(0), "{}", ran.stdout());
    let other = Authority::new().unwrap();
    write(&directory, "ca.pem", other.certificate()).unwrap();
    let printed = site.doctor().stdout();
    assert!(printed.contains(&format!("FAIL broker: 127.0.0.1:{amqp}: ")), "{printed}");
}

#[test]
fn the_connector_needs_a_database_of_its_own() {
    let site = Site::new();
    let [_, _, _, http, mllp] = [free_ports(3), free_ports(2)].concat()[..] else { unreachable!() };
    let url = site.star.url();
    let (server, database) = url.rsplit_once('/').unwrap();
    let port = server.rsplit_once(':').unwrap().1;
    let yaml = |port: &str| {
        format!(
            "{}connector:\n  enable_connector: true\n  CONNECTOR_HTTP_PORT: {http}\n  CONNECTOR_MLLP_HOST_PORT: {mllp}\n  \
             DATABASE_HOST: host.docker.internal\n  DATABASE_PORT: {port}\n  DATABASE_NAME: {database}\n  DATABASE_USER: {}\n  \
             DATABASE_PASSWORD: none\n  HS_KEY: one\n  EPR_SERVICE_ADAPTER_HS_KEY: two\n  POLARIS_API_KEY: three\n",
            site.yaml(),
            postgres::USER
        )
    };
    site.write(&yaml(port));
    let ran = site.doctor();
    let words = "ok   connector's database: without tables; the connector makes them when it starts";
    assert!(ran.stdout().contains(words), "{}", ran.stdout());
    assert_eq!(ran.code(), Some(0), "{}", ran.stdout());
    site.write(&yaml("1"));
    let ran = site.doctor();
    let fails = |line: &str| {
        line.starts_with("FAIL connector's database: postgresql://") && line.contains("correct DATABASE_HOST")
    };
    assert!(ran.stdout().lines().any(fails), "{}", ran.stdout());
    assert_eq!(ran.code(), Some(1));
}

#[test]
fn compose_and_the_engine_have_to_be_there() {
    let site = Site::new();
    for (script, words) in [
        ("echo 1.8.0", "FAIL compose: docker compose is too old: 1.8"),
        (
            "echo 'no such command' >&2; exit 1",
            "FAIL compose: docker compose: docker ended with exit code 1: no such command",
        ),
        (
            "echo 'cannot connect' >&2; exit 1",
            "FAIL container engine: docker ended with exit code 1: cannot connect",
        ),
    ] {
        site.project.respond("version", script);
        let printed = site.doctor().stdout();
        assert!(printed.contains(words), "{script}: {printed}");
    }
    let ran = Ran::of({
        let mut command = site.command(&["doctor"]);
        command.env("EMAP_COMPOSE", "no-such-compose");
        command
    });
    assert!(ran.stdout().contains("FAIL compose: no-such-compose: no-such-compose cannot be started"));
}

#[test]
fn ports_of_its_own_containers_are_its_own_and_all_others_must_be_free() {
    let site = Site::new();
    let [amqp, _, health] = site.ports[..] else { unreachable!() };
    let _held = [amqp, health].map(|port| TcpListener::bind(("0.0.0.0", port)).unwrap());
    let taken = |key: &str, port| {
        format!("FAIL {key}: global-configuration.yaml:10: port {port} is taken by another")
    };
    let printed = site.doctor().stdout();
    assert!(printed.contains(&taken("RABBITMQ_PORT", amqp)), "{printed}");
    assert!(printed.contains(&taken("HL7_READER_PORT", health)), "{printed}");
    let container = |service: &str, port: u16, inside: u16| {
        format!(
            "printf 'lane\\t\\t{service}\\t4369/tcp, 0.0.0.0:{port}->{inside}/tcp, :::{port}->{inside}/tcp\\t\\n'\n"
        )
    };
    site.project.respond("ps", &container("rabbitmq", amqp, 5672));
    let ran = site.doctor();
    let own = |key: &str, port| format!("ok   {key}: port {port} is held by a container of this instance");
    assert!(ran.stdout().contains(&own("RABBITMQ_PORT", amqp)), "{}", ran.stdout());
    assert!(ran.stdout().contains(&taken("HL7_READER_PORT", health)), "{}", ran.stdout());
    assert_eq!(ran.code(), Some(1));
    site.project
        .respond("ps", &[container("rabbitmq", amqp, 5672), container("hl7-reader", health, 8080)].concat());
    let ran = site.doctor();
    assert!(ran.stdout().contains(&own("HL7_READER_PORT", health)), "{}", ran.stdout());
    assert!(
        ran.stdout().contains("ok   containers: running already: hl7-reader, rabbitmq"),
        "{}",
        ran.stdout()
    );
    assert_eq!(ran.code(), Some(0), "{}", ran.stdout());
}

#[test]
fn others_that_run_under_the_name_are_found_wherever_they_lie() {
    let site = Site::new();
    let own = site.project.path("project").canonicalize().unwrap().display().to_string();
    let container =
        |called_for: &str, mounts: &str| format!("printf 'lane\\t{called_for}\\tcore\\t\\t{mounts}\\n'");
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docker/core").display().to_string();
    let names = |script: &str| -> Vec<String> {
        site.project.respond("ps", script);
        let ran = site.doctor();
        let printed = ran.stdout();
        let named = printed.lines().filter_map(|line| line.strip_prefix("FAIL EMAP_PROJECT_NAME: "));
        let named: Vec<String> = named.map(str::to_owned).collect();
        assert_eq!(ran.code(), Some(i32::from(!named.is_empty())), "{printed}");
        named
    };
    let settings = |directory: &str| format!("lane_data,{directory}/config/core-config-envs");
    assert_eq!(names(&container(&home, &settings(&own))), Vec::<String>::new());
    assert_eq!(names(&container("/emap-1.0/docker/core", &settings(&own))), Vec::<String>::new(), "upgraded");
    assert_eq!(names("echo 'no engine' >&2; exit 1"), Vec::<String>::new());
    // From the same checkout, or of another project altogether.
    for (script, directory) in
        [(container(&home, &settings("/srv/star_b")), "/srv/star_b"), (container("/srv/web", ""), "/srv/web")]
    {
        let named = names(&script);
        let words = format!("global-configuration.yaml:1: containers of {directory} run under the same name");
        assert!(
            named.len() == 1 && named[0].starts_with(&words) && named[0].contains(" – choose another name"),
            "{named:?}"
        );
    }
}

#[test]
fn an_instance_beside_this_one_may_not_have_its_name() {
    let site = Site::new();
    site.project.write("other/global-configuration.yaml", &site.yaml());
    let printed = site.doctor().stdout();
    assert!(
        printed.contains("FAIL EMAP_PROJECT_NAME: ") && printed.contains("other/global-configuration.yaml"),
        "{printed}"
    );
    assert!(printed.contains("warn UDS_SCHEMA: "), "{printed}");
}

/// On the broker's own virtual host, which tests of other programs leave alone.
#[test]
fn a_queue_with_other_attributes_is_named() {
    let broker = rabbitmq::Server::start(rabbitmq::Options::default()).unwrap();
    let site = Site::new();
    let port = |port: u16| format!("SPRING_RABBITMQ_PORT: {port}");
    site.write(&site.yaml().replace(&port(site.broker.port()), &port(broker.port())));
    assert!(site.doctor().stdout().contains("ok   hl7Queue: is not there yet"));
    let declare = |name: &str, arguments: &str| {
        broker
            .evaluate(&format!(
                "rabbit_amqqueue:declare(rabbit_misc:r(<<\"/\">>, queue, <<\"{name}\">>), true, false, [{arguments}], none, \
                 <<\"test\">>)."
            ))
            .unwrap();
    };
    declare("hl7Queue", "");
    declare(
        "databaseExtracts",
        "{<<\"x-max-length\">>, signedint, 100000}, {<<\"x-overflow\">>, longstr, <<\"reject-publish\">>}",
    );
    let ran = site.doctor();
    let printed = ran.stdout();
    assert!(
        printed.contains("FAIL hl7Queue: is not durable, or not declared with x-max-length 100000"),
        "{printed}"
    );
    assert!(
        printed.contains("ok   databaseExtracts: has the attributes that all programs declare"),
        "{printed}"
    );
    assert_eq!(ran.code(), Some(1));
}

#[test]
fn a_configuration_that_was_changed_since_is_to_be_written_again() {
    let site = Site::new();
    site.doctor();
    site.write(&site.yaml().replace("start: 2021-05-06", "start: 2021-05-05"));
    let printed = site.run(&["doctor"]).stdout();
    assert!(printed.contains("warn config/: not what global-configuration.yaml says now: "), "{printed}");
    assert!(printed.contains("hl7-reader-config-envs") && printed.contains("run emap setup -g"), "{printed}");
}
