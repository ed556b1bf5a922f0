//! Which part of the store is read.

use chrono::{DateTime, Utc};
use emap_ids::Progress;

/// The start of the window: the time of the last processed message if that is wanted and later than the configured
/// start, else the configured start. It only matters while there is no progress.
pub fn choose_start(
    saved: Option<&Progress>,
    default_start: DateTime<Utc>,
    start_from_last_id: bool,
) -> DateTime<Utc> {
    let last = saved.and_then(|progress| progress.message_datetime).filter(|_| start_from_last_id);
    last.filter(|last| *last > default_start).unwrap_or(default_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> DateTime<Utc> {
        format!("2026-03-{day:02}T00:00:00Z").parse().unwrap()
    }

    fn saved(at: Option<DateTime<Utc>>) -> Progress {
        Progress { unid: 5, message_datetime: at, processed_at: None }
    }

    #[test]
    fn without_progress_the_configured_start() {
        assert_eq!(choose_start(None, day(3), true), day(3));
    }

    #[test]
    fn progress_before_the_configured_start_does_not_count() {
        assert_eq!(choose_start(Some(&saved(Some(day(2)))), day(3), true), day(3));
        assert_eq!(choose_start(Some(&saved(Some(day(3)))), day(3), true), day(3));
    }

    #[test]
    fn later_progress_moves_the_start() {
        assert_eq!(choose_start(Some(&saved(Some(day(4)))), day(3), true), day(4));
    }

    #[test]
    fn unless_it_is_not_wanted_or_has_no_time() {
        assert_eq!(choose_start(Some(&saved(Some(day(4)))), day(3), false), day(3));
        assert_eq!(choose_start(Some(&saved(None)), day(3), true), day(3));
    }
}
