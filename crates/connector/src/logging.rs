//! Log lines on standard output, in the forms that the platform's log collector reads.

use std::fmt;

use chrono::{Local, Utc};
use serde_json::{Map, Value, json};
use tokio::task_local;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    EnvFilter,
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

use crate::settings::{LogFormat, LogSettings};

task_local! {
    /// What log lines say about the request that they belong to.
    pub static REQUEST: RequestMark;
}

/// The marks of a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestMark {
    /// Its id.
    pub id: String,
    /// `X-Client` and `X-Version`, if they were sent.
    pub client: Vec<(&'static str, String)>,
}

/// Starts logging for the whole process; a second call does nothing.
pub(crate) fn init(settings: &LogSettings) {
    let level = settings.level;
    let others = level.min(tracing::level_filters::LevelFilter::WARN);
    // Libraries may log bodies and headers.
    let filter = EnvFilter::new(format!(
        "{others},lapin=off,ureq=off,ureq_proto=off,hyper=off,rustls=off,emap={level}"
    ));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stdout)
        .event_format(Line(settings.format));
    // An error means that there is a subscriber already, which is kept.
    let _already_there = builder.try_init();
}

struct Line(LogFormat);

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let request = REQUEST.try_with(Clone::clone).ok();
        let metadata = event.metadata();
        let (path, line) = (metadata.file().unwrap_or_default(), metadata.line().unwrap_or_default());
        match self.0 {
            LogFormat::Json => {
                let mut members = fields.extra;
                let id = request.as_ref().map(|request| request.id.as_str());
                members.insert(
                    "timestamp".to_owned(),
                    json!(Utc::now().format("%Y-%m-%dT%H:%M:%S%.6f").to_string()),
                );
                members.insert("message".to_owned(), json!(fields.message));
                members.insert("severity".to_owned(), json!(severity(*metadata.level())));
                members.insert("pathname".to_owned(), json!(path));
                members.insert("lineno".to_owned(), json!(line));
                members.insert("requestID".to_owned(), json!(id));
                for (name, value) in request.into_iter().flat_map(|request| request.client) {
                    members.insert(name.to_owned(), json!(value));
                }
                writeln!(writer, "{}", Value::Object(members))
            }
            LogFormat::Plain | LogFormat::Colour => {
                let id = request.map_or_else(|| "-".to_owned(), |request| request.id);
                let (time, module) = (Local::now().format("%Y-%m-%d %H:%M:%S%.3f"), metadata.target());
                write!(
                    writer,
                    "[{time}] <{}> [{id}] in {module}:{line}: {}",
                    severity(*metadata.level()),
                    fields.message
                )?;
                for (name, value) in fields.extra {
                    write!(writer, " {name}={value}")?;
                }
                writeln!(writer)
            }
        }
    }
}

fn severity(level: tracing::Level) -> &'static str {
    match level {
        tracing::Level::ERROR => "ERROR",
        tracing::Level::WARN => "WARNING",
        tracing::Level::INFO => "INFO",
        _ => "DEBUG",
    }
}

/// The message of an event, and everything else that it says.
#[derive(Default)]
struct Fields {
    message: String,
    extra: Map<String, Value>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            // A structured extra is handed over as its JSON text.
            ("httpRequest", Value::String(text)) => {
                let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
                self.extra.insert("httpRequest".to_owned(), value);
            }
            (name, value) => {
                self.extra.insert(name.to_owned(), value);
            }
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, Value::String(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, Value::String(value.to_owned()));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }
}
