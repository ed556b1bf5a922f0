//! The messages in a document: one, or a list of them.

use crate::wire::{Fault, Reader};

/// Calls `visit` with the reader at each message of a document, and its place if they are in a list.
pub(super) fn each(
    reader: &mut Reader<'_>,
    mut visit: impl FnMut(&mut Reader<'_>, Option<usize>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    if !reader.at_array()? {
        return visit(reader, None);
    }
    reader.elements(|reader, index| visit(reader, Some(index)))
}

pub(super) fn at_element(fault: Fault, index: Option<usize>) -> Fault {
    match index {
        Some(index) => fault.at_index(index),
        None => fault,
    }
}
