//! Embeds the steps of the star schema.

#[path = "../postgres/embed_steps.rs"]
mod embed_steps;

fn main() -> std::io::Result<()> {
    embed_steps::embed("star")
}
