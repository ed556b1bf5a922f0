//! Embeds the steps of the message store and of the reader's tables.

#[path = "../postgres/embed_steps.rs"]
mod embed_steps;

fn main() -> std::io::Result<()> {
    embed_steps::embed("ids")?;
    embed_steps::embed("progress")
}
