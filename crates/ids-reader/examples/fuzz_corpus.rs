//! Fills the corpus of a fuzz target from the project's test files: `fuzz_corpus TARGET DIRECTORY`.
//!
//! `scripts/fuzz.sh` calls it, see `docs/how-to/fuzz.md`.

#[path = "../../../fuzz/seeds.rs"]
mod seeds;

use std::path::Path;

use anyhow::{Context, ensure};

fn main() -> anyhow::Result<()> {
    let (target, directory) = std::env::args()
        .skip(1)
        .zip(std::env::args().skip(2))
        .next()
        .context("TARGET and DIRECTORY are needed")?;
    let seeds = seeds::seeds(&target)?;
    ensure!(!seeds.is_empty(), "there is no fuzz target {target}");
    std::fs::create_dir_all(&directory)?;
    for (number, seed) in (1..).zip(seeds) {
        let file = Path::new(&directory).join(format!("test-file-{number:04}"));
        std::fs::write(&file, seed).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}
