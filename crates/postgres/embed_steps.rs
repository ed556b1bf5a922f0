//! For build scripts: the steps of a migration become part of the program.

use std::{env, fmt::Write, fs, io, path::Path};

/// Writes `$OUT_DIR/{name}_steps.rs`, a slice of `Step`s: one for each directory of `sql/{name}`, in order of their
/// names. The program is compiled again when one of them changes.
pub(crate) fn embed(name: &str) -> io::Result<()> {
    let dir = fs::canonicalize(Path::new("../../sql").join(name))?;
    println!("cargo:rerun-if-changed={}", dir.display());
    let mut steps = Vec::new();
    for entry in fs::read_dir(&dir)? {
        let entry = entry?;
        if entry.path().join("up.sql").is_file() {
            steps.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    steps.sort_unstable();
    for (one, next) in steps.iter().zip(steps.iter().skip(1)) {
        if version(one) == version(next) {
            return Err(io::Error::other(format!("{one} and {next} of sql/{name} have the same version")));
        }
    }
    let mut list = String::from("&[\n");
    for step in steps {
        let file = dir.join(&step).join("up.sql");
        // Writing to a string cannot fail.
        let _ = writeln!(
            list,
            "emap_postgres::Step {{ name: {step:?}, sql: include_str!({:?}) }},",
            file.display().to_string()
        );
    }
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    fs::write(Path::new(&out).join(format!("{name}_steps.rs")), list + "]\n")
}

fn version(step: &str) -> &str {
    step.split_once('_').map_or(step, |(version, _)| version)
}
