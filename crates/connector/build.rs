//! Embeds the steps of the connector's database.

#[path = "../postgres/embed_steps.rs"]
mod embed_steps;

fn main() -> std::io::Result<()> {
    embed_steps::embed("connector")
}
