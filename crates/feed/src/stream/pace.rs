//! How much makes a batch, and how far a source is read ahead.

/// When a batch is full. Progress moves by whole batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimit {
    /// Items converted for one batch.
    pub items: usize,
    /// Bytes of message bodies; the item that reaches it still belongs to the batch.
    pub bytes: usize,
}

impl Default for BatchLimit {
    /// 100 items or 1 MiB.
    fn default() -> Self {
        Self { items: 100, bytes: 1 << 20 }
    }
}

/// How far the source may be read ahead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pace {
    /// As far as the limits allow.
    #[default]
    Ahead,
    /// After a block with a mark, only when everything up to that mark is confirmed.
    MarkByMark,
}
