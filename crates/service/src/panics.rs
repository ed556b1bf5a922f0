//! Panics that concern one piece of work and not the process.

use std::{
    cell::{Cell, RefCell},
    env, fmt,
    panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook},
    sync::{Once, OnceLock},
};

/// Where in the code a panic was raised. What it said is left out: it may quote the data that caused it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<Place>> = const { RefCell::new(None) };
}

/// Runs `work`; a panic in it becomes an error and prints nothing.
///
/// What `work` had changed by then stays changed: the caller decides whether that can be used any more.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Place> {
    note_places();
    let outer = CATCHING.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    CATCHING.set(outer);
    result.map_err(|_| PLACE.take().unwrap_or_else(|| Place("an unknown place".to_owned())))
}

/// A panic for tests of daemons: in builds with debug assertions, data that contains the text of the environment
/// variable `EMAP_TEST_PANIC_AT` causes one. Elsewhere nothing.
///
/// # Panics
/// See there.
#[track_caller]
pub fn planted(data: &[u8]) {
    if cfg!(debug_assertions) {
        static MARK: OnceLock<Option<String>> = OnceLock::new();
        let mark = MARK.get_or_init(|| env::var("EMAP_TEST_PANIC_AT").ok().filter(|mark| !mark.is_empty()));
        let is_marked = |mark: &String| data.windows(mark.len()).any(|window| window == mark.as_bytes());
        assert!(!mark.as_ref().is_some_and(is_marked), "planted");
    }
}

/// Makes panics that are being caught leave their place, and all others go where they went before.
fn note_places() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !CATCHING.get() {
                return before(panic);
            }
            let place = panic.location().map(|place| Place(format!("{}:{}", place.file(), place.line())));
            PLACE.set(place);
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::caught;

    #[test]
    fn a_panic_leaves_its_place_and_not_its_words() {
        let place = caught(|| "Téapot, Clara"[..2].len()).unwrap_err().to_string();
        assert!(place.contains("panics.rs:") && !place.contains("Clara"), "{place}");
        assert_eq!(caught(|| 7), Ok(7));
    }
}
