//! Compiles again when a migration changes: the compiler does not see which files are embedded.

fn main() {
    println!("cargo:rerun-if-changed=../../sql/ids");
    println!("cargo:rerun-if-changed=../../sql/progress");
}
