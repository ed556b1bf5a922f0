//! What the rows or the tables do not allow.

use emap_postgres::Step;

use crate::site::Site;

/// Long work that the rows contradict, and long work that they do not.
const STEPS: &[Step] = &[Step {
    name: "2031-01-01-000001_rules",
    sql: "SELECT pg_temp.build_index('key of reading', 'reading_key', 'reading', '(value)', true);
          INSERT INTO pg_temp.long_work (what, unless, first, statement) VALUES
              ('positive', 'select exists (select from reading where not value > 0)',
               'alter table reading add constraint positive check (value > 0) not valid',
               'alter table reading validate constraint positive'),
              ('small', 'select exists (select from reading where not value < 5000)',
               'alter table reading add constraint small check (value < 5000) not valid',
               'alter table reading validate constraint small'),
              ('of a type', null,
               'alter table reading add constraint of_a_type foreign key (value) references strange (name)',
               'select')",
}];

#[test]
fn rows_that_contradict_a_rule_leave_it_out_with_a_warning() {
    let site = Site::new();
    site.sql(
        "CREATE TABLE strange (name text PRIMARY KEY);
         INSERT INTO reading VALUES (2001, 0), (2002, 17)",
    );
    let report = site.migrate(STEPS).unwrap();
    assert_eq!(report.applied, [STEPS[0].name]);
    let expected =
        ["key of reading left out: rows contradict it", "positive left out: rows", "of a type left out: "];
    assert_eq!(report.warnings.len(), expected.len(), "{:?}", report.warnings);
    for (warning, expected) in report.warnings.iter().zip(expected) {
        assert!(warning.starts_with(expected), "{warning}");
        assert!(!warning.contains("17"), "no values: {warning}");
    }
    let rules = "SELECT conname || ' ' || convalidated FROM pg_constraint
                 WHERE conrelid = 'reading'::regclass AND contype = 'c'";
    assert_eq!(site.lines(rules), ["small true"]);
    assert!(site.lines("SELECT relname FROM pg_class WHERE relname = 'reading_key'").is_empty());
}

#[test]
fn a_step_that_cannot_be_taken_leaves_nothing_and_says_why() {
    const WRONG: &[Step] = &[Step {
        name: "2031-01-01-000001_wrong",
        sql: "ALTER TABLE reading ADD COLUMN unit text; ALTER TABLE reading DROP COLUMN absent",
    }];
    let site = Site::new();
    let error = site.migrate(WRONG).unwrap_err().to_string();
    assert!(error.contains("2031-01-01-000001_wrong") && error.contains("\"absent\""), "{error}");
    let columns = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'reading'::regclass AND attnum > 0";
    assert_eq!(site.lines(columns), ["2"]);
    assert!(site.lines("SELECT version FROM taken").is_empty());
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert_eq!(site.lines(locks), ["0"]);
}
