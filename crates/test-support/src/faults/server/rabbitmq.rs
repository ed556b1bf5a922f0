//! A RabbitMQ server that is up and does not do what it is asked.
//!
//! All of it by `rabbitmqctl`, which takes one to two seconds a call. Alarms are undone when the value that stands for
//! them is dropped.

use std::time::Duration;

use emap_local_services::rabbitmq::Server;

/// A fault that lasts until this is dropped.
#[derive(Debug)]
#[must_use = "the fault ends when this is dropped"]
pub struct Lasting<'s> {
    server: &'s Server,
    undo: &'static [&'static str],
}

impl Lasting<'_> {
    /// As dropping does, and says so in the caller's code.
    pub fn end(self) {}
}

impl Drop for Lasting<'_> {
    fn drop(&mut self) {
        // The server may have been stopped meanwhile; the setting is gone with it.
        let _ = self.server.control(self.undo);
    }
}

/// The memory alarm: publishers are blocked, of every virtual host.
pub fn memory_alarm(server: &Server) -> Lasting<'_> {
    lasting(
        server,
        &["set_vm_memory_high_watermark", "absolute", "1"],
        &["set_vm_memory_high_watermark", "0.4"],
    )
}

/// The disk alarm: publishers are blocked, of every virtual host.
pub fn disk_alarm(server: &Server) -> Lasting<'_> {
    // More than any disk has: 2^60 bytes.
    lasting(server, &["set_disk_free_limit", "1152921504606846976"], &["set_disk_free_limit", "20MB"])
}

/// Deliveries that are not settled within that time close their channel (`406`), in channels that are opened from now
/// on; the broker looks every second. To the end of the server.
pub fn consumer_timeout(server: &Server, time: Duration) {
    let expression = format!(
        "application:set_env(rabbit, consumer_timeout, {}), application:set_env(rabbit, channel_tick_interval, 1000).",
        time.as_millis()
    );
    control(server, &["eval", &expression]);
}

/// Ends every connection, as an operator would.
pub fn close_connections(server: &Server) {
    control(server, &["close_all_connections", "fault injector"]);
}

/// Deletes a queue with all it holds. Its consumers are cancelled; whoever needs it has to declare it again.
pub fn delete_queue(server: &Server, virtual_host: &str, queue: &str) {
    control(server, &["delete_queue", "-p", virtual_host, queue]);
}

/// Messages in a queue that nobody has taken yet, and those taken and not settled.
pub fn queue_length(server: &Server, virtual_host: &str, queue: &str) -> Option<(u64, u64)> {
    let arguments = [
        "-q",
        "list_queues",
        "-p",
        virtual_host,
        "--no-table-headers",
        "name",
        "messages_ready",
        "messages_unacknowledged",
    ];
    let listed = server.control(&arguments).ok()?;
    listed.lines().find_map(|line| {
        let mut columns = line.split('\t');
        (columns.next()? == queue).then_some(())?;
        Some((columns.next()?.trim().parse().ok()?, columns.next()?.trim().parse().ok()?))
    })
}

fn lasting<'s>(server: &'s Server, set: &[&str], undo: &'static [&'static str]) -> Lasting<'s> {
    control(server, set);
    Lasting { server, undo }
}

fn control(server: &Server, arguments: &[&str]) {
    server.control(arguments).unwrap_or_else(|error| panic!("rabbitmqctl: {error}"));
}
