//! One screen for people.

use std::fmt::Write;

use chrono::{DateTime, Local, Utc};

use super::{
    daemon::Daemon,
    queues::Queue,
    seen::Status,
    star::{Effects, HooverProgress, Reader},
};

/// Longest text of a reason on the screen.
const REASON: usize = 90;
/// Data types and reasons that are shown; JSON has all.
const SHOWN: usize = 5;

/// Writing to a string cannot fail.
macro_rules! add {
    ($text:expr, $($arguments:tt)*) => {{
        let _ = writeln!($text, $($arguments)*);
    }};
}

pub(super) fn text(status: &Status) -> String {
    let mut text = String::new();
    let condition = status.verdict.condition.word();
    match &status.verdict.cause {
        Some(cause) => add!(text, "{condition}: {cause}"),
        None => add!(text, "{condition}"),
    }
    text.push('\n');
    for daemon in &status.daemons {
        add!(text, "{}", line_of(daemon, status.at));
    }
    text.push('\n');
    for queue in &status.queues {
        add!(text, "{}", line_of_queue(queue));
    }
    let records = &status.records;
    if let Some(reader) = &records.reader {
        add!(text, "{}", line_of_reader(reader, status.at));
    }
    for data_type in records.hoover.iter().take(SHOWN) {
        add!(text, "{}", line_of_data_type(data_type, status.at));
    }
    if records.hoover.len() > SHOWN {
        add!(text, "{:<12} and {} data types that are further", "", records.hoover.len() - SHOWN);
    }
    if let Some(effects) = &records.effects {
        add!(text, "{}", line_of_effects(effects, status.at));
    }
    for reject in records.rejects.iter().take(SHOWN) {
        let reason: String = reject.reason.chars().take(REASON).collect();
        add!(text, "{:<12} {} by {} in 24 h: {reason}", "rejects", reject.messages, reject.by);
    }
    for note in &status.notes {
        add!(text, "note         {note}");
    }
    text.truncate(text.trim_end().len());
    text
}

fn line_of(daemon: &Daemon, now: DateTime<Utc>) -> String {
    let Daemon { name, state, since, version, down, detail, .. } = daemon;
    let since =
        since.map_or_else(String::new, |since| format!("since {} ({})", clock(since, now), ago(since, now)));
    let version = version.as_deref().unwrap_or("");
    let mut why: Vec<String> = detail.iter().cloned().collect();
    why.extend(down.iter().map(|(component, reason)| format!("{component}: {reason}")));
    let why: String = why.join("; ").chars().take(2 * REASON).collect();
    format!("{name:<12} {:<11} {since:<32} {version:<10} {why}", state.words()).trim_end().to_owned()
}

fn line_of_queue(queue: &Queue) -> String {
    let Queue { name, messages, consumers, published_per_second, taken_per_second, .. } = queue;
    let rate = |what: &str, rate: &Option<f64>| {
        rate.map_or_else(String::new, |rate| format!(", {what} {rate:.1}/s"))
    };
    let rates = format!("{}{}", rate("in", published_per_second), rate("out", taken_per_second));
    format!("{:<12} {name}: {messages} wait, {consumers} consumers{rates}", "queue")
}

fn line_of_reader(reader: &Reader, now: DateTime<Utc>) -> String {
    let up_to = reader.message_at.map_or_else(|| "nothing yet".to_owned(), |at| clock(at, now));
    let mut line = format!("{:<12} hl7-reader: read up to {up_to} (row {})", "progress", reader.last_unid);
    if let Some(rows) = reader.rows_behind {
        let _ = write!(line, ", {rows:.0} rows behind");
    }
    if let Some(seconds) = reader.seconds_behind {
        let _ = write!(line, ", {} behind", lasting(seconds));
    }
    if let Some(gaps) = reader.gaps_open.filter(|gaps| *gaps > 0.0) {
        let _ = write!(line, ", {gaps:.0} gaps");
    }
    if let Some(saved) = reader.saved_at {
        let _ = write!(line, ", saved {} ago", ago(saved, now));
    }
    line
}

fn line_of_data_type(data_type: &HooverProgress, now: DateTime<Utc>) -> String {
    let behind =
        data_type.seconds_behind.map_or_else(String::new, |lag| format!(", {} behind", lasting(lag)));
    let HooverProgress { data_type, until, saved_at, .. } = data_type;
    format!(
        "{:<12} hoover {data_type}: up to {}{behind}, saved {} ago",
        "progress",
        clock(*until, now),
        ago(*saved_at, now)
    )
}

fn line_of_effects(effects: &Effects, now: DateTime<Utc>) -> String {
    let last =
        effects.last_at.map_or_else(|| "none ever".to_owned(), |at| format!("the last {} ago", ago(at, now)));
    format!(
        "{:<12} {:.1}/min, errors {:.1}/min (last {} min), {last}",
        "messages", effects.messages_per_minute, effects.errors_per_minute, effects.minutes
    )
}

/// As clocks on the wall show it; with the date unless it is today's.
fn clock(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (at, now) = (at.with_timezone(&Local), now.with_timezone(&Local));
    let form = if at.date_naive() == now.date_naive() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    at.format(form).to_string()
}

fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - at).num_seconds().max(0);
    lasting(u32::try_from(seconds).map_or(f64::from(u32::MAX), f64::from))
}

/// In the largest unit of which there are two.
fn lasting(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 120.0 => format!("{seconds:.0} s"),
        seconds if seconds < 7200.0 => format!("{:.0} min", seconds / 60.0),
        seconds if seconds < 172_800.0 => format!("{:.0} h", seconds / 3600.0),
        seconds => format!("{:.0} days", seconds / 86400.0),
    }
}
