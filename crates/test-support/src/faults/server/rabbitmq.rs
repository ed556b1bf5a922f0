//! A RabbitMQ server that is up and does not do what it is asked.
//!
//! Alarms are undone when the value that stands for them is dropped.

use std::time::Duration;

use emap_local_services::rabbitmq::Server;

/// A fault that lasts until this is dropped.
#[derive(Debug)]
#[must_use = "the fault ends when this is dropped"]
pub struct Lasting<'s> {
    server: &'s Server,
    undo: &'static str,
}

impl Lasting<'_> {
    /// As dropping does, and says so in the caller's code.
    pub fn end(self) {}
}

impl Drop for Lasting<'_> {
    fn drop(&mut self) {
        // The server may have been stopped meanwhile; the setting is gone with it.
        let _ = self.server.evaluate(self.undo);
    }
}

/// The memory alarm: publishers are blocked, of every virtual host.
pub fn memory_alarm(server: &Server) -> Lasting<'_> {
    lasting(
        server,
        "vm_memory_monitor:set_vm_memory_high_watermark({absolute, 1}).",
        "vm_memory_monitor:set_vm_memory_high_watermark(0.4).",
    )
}

/// The disk alarm: publishers are blocked, of every virtual host.
pub fn disk_alarm(server: &Server) -> Lasting<'_> {
    // More than any disk has: 2^60 bytes.
    lasting(
        server,
        "rabbit_disk_monitor:set_disk_free_limit(1152921504606846976).",
        "rabbit_disk_monitor:set_disk_free_limit(\"20MB\").",
    )
}

/// Deliveries that are not settled within that time close their channel (`406`), in channels that are opened from now
/// on; the broker looks every second. To the end of the server.
pub fn consumer_timeout(server: &Server, time: Duration) {
    let expression = format!(
        "application:set_env(rabbit, consumer_timeout, {}), application:set_env(rabbit, channel_tick_interval, 1000).",
        time.as_millis()
    );
    evaluate(server, &expression);
}

/// Ends every connection, as an operator would.
pub fn close_connections(server: &Server) {
    // One that ends by itself meanwhile answers no more: that is no fault.
    let close = "lists:foreach(fun(Connection) -> \
                     catch rabbit_networking:close_connection(Connection, \"fault injector\") \
                 end, rabbit_networking:connections()).";
    evaluate(server, close);
}

/// Deletes a queue with all it holds. Its consumers are cancelled; a program that needs it has to declare it again.
pub fn delete_queue(server: &Server, virtual_host: &str, queue: &str) {
    let delete = "rabbit_amqqueue:delete(Queue, false, false, <<\"fault injector\">>)";
    evaluate(server, &of_queue(virtual_host, queue, delete));
}

/// Messages in a queue that have not been taken yet, and those taken and not settled; none if there is no such queue.
pub fn queue_length(server: &Server, virtual_host: &str, queue: &str) -> Option<(u64, u64)> {
    let ask = "[{_, Ready}, {_, Taken}] = \
               rabbit_amqqueue:info(Queue, [messages_ready, messages_unacknowledged]), {Ready, Taken}";
    let answer = server.evaluate(&of_queue(virtual_host, queue, ask)).ok()?;
    let (ready, taken) = answer.trim().strip_prefix('{')?.strip_suffix('}')?.split_once(',')?;
    Some((ready.trim().parse().ok()?, taken.trim().parse().ok()?))
}

/// Expressions about an existing queue, which is `Queue` in them.
fn of_queue(virtual_host: &str, queue: &str, expressions: &str) -> String {
    format!(
        "{{ok, Queue}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<\"{virtual_host}\">>, queue, <<\"{queue}\">>)), \
         {expressions}."
    )
}

fn lasting<'s>(server: &'s Server, set: &str, undo: &'static str) -> Lasting<'s> {
    evaluate(server, set);
    Lasting { server, undo }
}

fn evaluate(server: &Server, expressions: &str) {
    server.evaluate(expressions).unwrap_or_else(|error| panic!("{expressions} {error}"));
}
