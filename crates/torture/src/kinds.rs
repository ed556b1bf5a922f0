//! All kinds of faults: what happens, where, and how often.

use crate::databases::Databases;

/// What a fault is done to. Faults of one lane happen one after the other, those of different lanes at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Lane {
    /// Connection of the sender to the connector.
    SendLine,
    /// Connections of the connector to its own database.
    DatabaseLine,
    /// Connection of the connector to a message store in another database.
    AppendLine,
    /// Connection of the connector to the broker.
    ActionsLine,
    /// Connection of the reader to the message store.
    StoreLine,
    /// Connection of the reader to its progress tables.
    ProgressLine,
    /// Connection of core to the star.
    StarLine,
    /// Connection of the reader to the broker.
    PublishLine,
    /// Connections of core to the broker.
    ConsumeLine,
    /// The connector's process.
    Connector,
    /// The reader's process.
    Reader,
    /// Core's process.
    Core,
    /// The server of the message store, which has the connector's own database as well.
    Store,
    /// The server of the star.
    Star,
    /// The broker.
    Broker,
}

impl Lane {
    pub(crate) const ALL: [Self; 15] = [
        Self::SendLine,
        Self::DatabaseLine,
        Self::AppendLine,
        Self::ActionsLine,
        Self::StoreLine,
        Self::ProgressLine,
        Self::StarLine,
        Self::PublishLine,
        Self::ConsumeLine,
        Self::Connector,
        Self::Reader,
        Self::Core,
        Self::Store,
        Self::Star,
        Self::Broker,
    ];

    /// Whose work a fault here holds up: the connector's, its publishing, the reader's, core's.
    pub(crate) fn holds_up(self) -> [bool; 4] {
        match self {
            Self::SendLine | Self::AppendLine => [true, false, false, false],
            Self::DatabaseLine | Self::Connector => [true, true, false, false],
            Self::ActionsLine => [false, true, false, false],
            Self::Store => [true, true, true, false],
            Self::StoreLine | Self::ProgressLine | Self::PublishLine | Self::Reader => {
                [false, false, true, false]
            }
            Self::StarLine | Self::ConsumeLine | Self::Core => [false, false, false, true],
            Self::Star => [false, false, true, true],
            Self::Broker => [false, true, true, true],
        }
    }
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum What {
    /// The connection ends at a message.
    Cut,
    /// The connection is held at a message, and goes on after a while.
    Stall,
    /// Every message comes a little later for a while.
    Slow,
    /// From a message on nothing comes through and nothing is answered; after a while the connection is reset.
    Silence,
    /// One statement is refused, with a state that is not its fault.
    RefuseOnce,
    /// All statements are refused for a while.
    RefuseAll,
    /// The connection ends at a COMMIT, which does not reach the server.
    CutCommit,
    /// A COMMIT is done, and its answer is lost.
    LoseCommit,
    /// A message arrives, and its answer is lost.
    LoseAnswer,
    /// The broker ends the connection with an error.
    CloseConnection,
    /// The broker has a message, and the connection ends before its confirm.
    LoseConfirm,
    /// The connection ends in the middle of a message's content.
    CutContent,
    /// The connection ends before, or just after, deliveries are settled.
    LoseSettling,
    /// SIGKILL, and a new start.
    Kill,
    /// SIGTERM, the end within 30 s, and a new start.
    Terminate,
    /// SIGSTOP for a while.
    Pause,
    /// SIGSTOP for a minute: longer than any peer waits for an answer.
    PauseLong,
    /// The clock of the process's machine steps forward or back, and later to the right time again.
    ClockStep,
    /// The server is stopped in order and started again.
    Stop,
    /// The server is killed and started again.
    Crash,
    /// Every session is ended.
    EndSessions,
    /// New transactions are read-only.
    ReadOnly,
    /// A table has no room for another page.
    DiskFull,
    /// A table cannot be written: the disk under it is broken.
    DiskBroken,
    /// A right on a table is taken away.
    RevokeRight,
    /// A table has another name.
    RenameTable,
    /// A table is locked.
    LockTable,
    /// Every statement that takes longer than a millisecond is cancelled.
    StatementTimeout,
    /// The database lets nobody in.
    NoConnections,
    /// All of `max_connections` are taken.
    ConnectionsTaken,
    /// The star stands still for longer than the broker waits for deliveries to be settled.
    LateSettling,
    /// The broker is short of memory.
    MemoryAlarm,
    /// The broker is short of disk.
    DiskAlarm,
    /// The broker ends all connections.
    CloseConnections,
    /// The empty queue is deleted.
    DeleteQueue,
}

/// A kind of fault.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Unique; stands in schedules.
    pub(crate) name: &'static str,
    pub(crate) lane: Lane,
    pub(crate) what: What,
    /// How often it is drawn, in proportion to the others. What takes seconds is rare.
    weight: u32,
}

const fn kind(name: &'static str, lane: Lane, what: What, weight: u32) -> Kind {
    Kind { name, lane, what, weight }
}

/// All of them, in the order of the report.
pub(crate) const KINDS: &[Kind] = &[
    kind("sender–connector: cut", Lane::SendLine, What::Cut, 20),
    kind("sender–connector: stall", Lane::SendLine, What::Stall, 15),
    kind("sender–connector: slow", Lane::SendLine, What::Slow, 5),
    kind("sender–connector: silence", Lane::SendLine, What::Silence, 5),
    kind("sender–connector: answer lost", Lane::SendLine, What::LoseAnswer, 30),
    kind("connector–database: cut", Lane::DatabaseLine, What::Cut, 20),
    kind("connector–database: stall", Lane::DatabaseLine, What::Stall, 10),
    kind("connector–database: slow", Lane::DatabaseLine, What::Slow, 5),
    kind("connector–database: silence", Lane::DatabaseLine, What::Silence, 5),
    kind("connector–database: refused once", Lane::DatabaseLine, What::RefuseOnce, 20),
    kind("connector–database: refused for a while", Lane::DatabaseLine, What::RefuseAll, 10),
    kind("connector–database: COMMIT cut", Lane::DatabaseLine, What::CutCommit, 15),
    kind("connector–database: COMMIT's answer lost", Lane::DatabaseLine, What::LoseCommit, 20),
    kind("connector–store: cut", Lane::AppendLine, What::Cut, 20),
    kind("connector–store: stall", Lane::AppendLine, What::Stall, 10),
    kind("connector–store: slow", Lane::AppendLine, What::Slow, 5),
    kind("connector–store: silence", Lane::AppendLine, What::Silence, 5),
    kind("connector–store: refused once", Lane::AppendLine, What::RefuseOnce, 20),
    kind("connector–store: refused for a while", Lane::AppendLine, What::RefuseAll, 10),
    kind("connector–store: COMMIT cut", Lane::AppendLine, What::CutCommit, 15),
    kind("connector–store: COMMIT's answer lost", Lane::AppendLine, What::LoseCommit, 20),
    kind("connector–broker: cut", Lane::ActionsLine, What::Cut, 20),
    kind("connector–broker: stall", Lane::ActionsLine, What::Stall, 10),
    kind("connector–broker: slow", Lane::ActionsLine, What::Slow, 5),
    kind("connector–broker: silence", Lane::ActionsLine, What::Silence, 5),
    kind("connector–broker: closed by the broker", Lane::ActionsLine, What::CloseConnection, 10),
    kind("connector–broker: confirm lost", Lane::ActionsLine, What::LoseConfirm, 20),
    kind("connector–broker: cut in a message", Lane::ActionsLine, What::CutContent, 10),
    kind("reader–store: cut", Lane::StoreLine, What::Cut, 20),
    kind("reader–store: stall", Lane::StoreLine, What::Stall, 10),
    kind("reader–store: slow", Lane::StoreLine, What::Slow, 5),
    kind("reader–store: silence", Lane::StoreLine, What::Silence, 5),
    kind("reader–store: refused once", Lane::StoreLine, What::RefuseOnce, 20),
    kind("reader–store: refused for a while", Lane::StoreLine, What::RefuseAll, 10),
    kind("reader–progress: cut", Lane::ProgressLine, What::Cut, 20),
    kind("reader–progress: stall", Lane::ProgressLine, What::Stall, 10),
    kind("reader–progress: slow", Lane::ProgressLine, What::Slow, 5),
    kind("reader–progress: silence", Lane::ProgressLine, What::Silence, 5),
    kind("reader–progress: refused once", Lane::ProgressLine, What::RefuseOnce, 20),
    kind("reader–progress: refused for a while", Lane::ProgressLine, What::RefuseAll, 10),
    kind("reader–progress: COMMIT cut", Lane::ProgressLine, What::CutCommit, 10),
    kind("reader–progress: COMMIT's answer lost", Lane::ProgressLine, What::LoseCommit, 10),
    kind("core–star: cut", Lane::StarLine, What::Cut, 40),
    kind("core–star: stall", Lane::StarLine, What::Stall, 20),
    kind("core–star: slow", Lane::StarLine, What::Slow, 5),
    kind("core–star: silence", Lane::StarLine, What::Silence, 5),
    kind("core–star: refused once", Lane::StarLine, What::RefuseOnce, 40),
    kind("core–star: refused for a while", Lane::StarLine, What::RefuseAll, 15),
    kind("core–star: COMMIT cut", Lane::StarLine, What::CutCommit, 15),
    kind("core–star: COMMIT's answer lost", Lane::StarLine, What::LoseCommit, 20),
    kind("reader–broker: cut", Lane::PublishLine, What::Cut, 20),
    kind("reader–broker: stall", Lane::PublishLine, What::Stall, 10),
    kind("reader–broker: slow", Lane::PublishLine, What::Slow, 5),
    kind("reader–broker: silence", Lane::PublishLine, What::Silence, 5),
    kind("reader–broker: closed by the broker", Lane::PublishLine, What::CloseConnection, 10),
    kind("reader–broker: confirm lost", Lane::PublishLine, What::LoseConfirm, 20),
    kind("reader–broker: cut in a message", Lane::PublishLine, What::CutContent, 10),
    kind("core–broker: cut", Lane::ConsumeLine, What::Cut, 20),
    kind("core–broker: stall", Lane::ConsumeLine, What::Stall, 10),
    kind("core–broker: slow", Lane::ConsumeLine, What::Slow, 5),
    kind("core–broker: silence", Lane::ConsumeLine, What::Silence, 5),
    kind("core–broker: closed by the broker", Lane::ConsumeLine, What::CloseConnection, 10),
    kind("core–broker: settling lost", Lane::ConsumeLine, What::LoseSettling, 20),
    kind("core–broker: cut in a message", Lane::ConsumeLine, What::CutContent, 10),
    kind("connector: kill -9", Lane::Connector, What::Kill, 25),
    kind("connector: SIGTERM", Lane::Connector, What::Terminate, 15),
    kind("connector: SIGSTOP", Lane::Connector, What::Pause, 15),
    kind("connector: SIGSTOP for a minute", Lane::Connector, What::PauseLong, 1),
    kind("connector: clock step", Lane::Connector, What::ClockStep, 10),
    kind("reader: kill -9", Lane::Reader, What::Kill, 20),
    kind("reader: SIGTERM", Lane::Reader, What::Terminate, 10),
    kind("reader: SIGSTOP", Lane::Reader, What::Pause, 15),
    kind("reader: SIGSTOP for a minute", Lane::Reader, What::PauseLong, 1),
    kind("reader: clock step", Lane::Reader, What::ClockStep, 10),
    kind("core: kill -9", Lane::Core, What::Kill, 20),
    kind("core: SIGTERM", Lane::Core, What::Terminate, 10),
    kind("core: SIGSTOP", Lane::Core, What::Pause, 15),
    kind("core: SIGSTOP for a minute", Lane::Core, What::PauseLong, 1),
    kind("core: clock step", Lane::Core, What::ClockStep, 10),
    kind("store: stopped and started", Lane::Store, What::Stop, 6),
    kind("store: killed and started", Lane::Store, What::Crash, 4),
    kind("store: sessions ended", Lane::Store, What::EndSessions, 10),
    kind("store: right revoked", Lane::Store, What::RevokeRight, 10),
    kind("store: table renamed", Lane::Store, What::RenameTable, 8),
    kind("store: table locked", Lane::Store, What::LockTable, 8),
    kind("store: statement_timeout", Lane::Store, What::StatementTimeout, 5),
    kind("store: no connection left", Lane::Store, What::NoConnections, 8),
    kind("store: max_connections reached", Lane::Store, What::ConnectionsTaken, 6),
    kind("star: stopped and started", Lane::Star, What::Stop, 6),
    kind("star: killed and started", Lane::Star, What::Crash, 4),
    kind("star: sessions ended", Lane::Star, What::EndSessions, 10),
    kind("star: read-only", Lane::Star, What::ReadOnly, 15),
    kind("star: disk full", Lane::Star, What::DiskFull, 15),
    kind("star: disk broken", Lane::Star, What::DiskBroken, 10),
    kind("star: right revoked", Lane::Star, What::RevokeRight, 20),
    kind("star: table renamed", Lane::Star, What::RenameTable, 20),
    kind("star: table locked", Lane::Star, What::LockTable, 10),
    kind("star: statement_timeout", Lane::Star, What::StatementTimeout, 8),
    kind("star: no connection left", Lane::Star, What::NoConnections, 10),
    kind("star: max_connections reached", Lane::Star, What::ConnectionsTaken, 6),
    kind("star: still for longer than consumer_timeout", Lane::Star, What::LateSettling, 2),
    kind("broker: memory alarm", Lane::Broker, What::MemoryAlarm, 10),
    kind("broker: disk alarm", Lane::Broker, What::DiskAlarm, 10),
    kind("broker: connections closed", Lane::Broker, What::CloseConnections, 10),
    kind("broker: queue deleted", Lane::Broker, What::DeleteQueue, 8),
    kind("broker: stopped and started", Lane::Broker, What::Stop, 2),
    kind("broker: killed and started", Lane::Broker, What::Crash, 2),
];

impl Kind {
    /// The kind with that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }
}

/// A run of fewer faults has none that takes as long as all the others.
const WITH_LONG_FAULTS: usize = 300;

/// Names and weights of the kinds for so many faults: those whose names hold one of these words. Without any word all,
/// but for those that would make a short run a long one, and those of a connection that there is not.
pub(crate) fn weights(only: &[String], faults: usize, databases: Databases) -> Vec<(&'static str, u32)> {
    let wanted = |kind: &&Kind| {
        if only.is_empty() {
            (faults >= WITH_LONG_FAULTS || !matches!(kind.what, What::PauseLong | What::LateSettling))
                && (databases == Databases::Two || kind.lane != Lane::AppendLine)
        } else {
            only.iter().any(|word| kind.name.contains(word.as_str()))
        }
    };
    KINDS.iter().filter(wanted).map(|kind| (kind.name, kind.weight)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{KINDS, Kind, Lane, weights};
    use crate::databases::Databases::{One, Two};

    #[test]
    fn every_kind_has_a_name_of_its_own_and_every_lane_has_faults() {
        let names: HashSet<_> = KINDS.iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), KINDS.len());
        for lane in Lane::ALL {
            assert!(KINDS.iter().any(|kind| kind.lane == lane), "{lane:?}");
        }
        assert_eq!(Kind::named("star: read-only").unwrap().lane, Lane::Star);
    }

    #[test]
    fn words_choose_kinds() {
        let chosen = weights(&["COMMIT".to_owned(), "star: read".to_owned()], 10, Two);
        assert_eq!(chosen.len(), 9);
        assert_eq!(weights(&["for a minute".to_owned()], 1, Two).len(), 3);
        assert_eq!(weights(&[], 1000, Two).len(), KINDS.len());
        assert_eq!(weights(&[], 100, Two).len(), KINDS.len() - 4);
        assert_eq!(weights(&[], 1000, One).len(), KINDS.len() - 8);
    }
}
