//! All faults of an object, not only the first.

use crate::wire::{CLASS, Fault, Key, Reader, Target};

/// Reads the properties of the object that comes next into `target`. Those that cannot be read are left
/// as they were and returned. The class is a property like the others, thus unknown, unless `has_class`.
pub(super) fn read_sound(reader: &mut Reader<'_>, target: &mut impl Target, has_class: bool) -> Vec<Fault> {
    let mut faults = Vec::new();
    let end = reader.entries(|reader, name| {
        // A value may begin on the line after its key; the colon does not.
        let colon = reader.offset().saturating_sub(1);
        let found = if has_class && name == CLASS { Some(Key::Ignored) } else { reader.find(target, &name) };
        let read = reader.attempt(|reader| match found {
            Some(Key::Property(index, _)) => {
                target.read_property(index, reader).map_err(|fault| fault.in_property(&name))
            }
            Some(_) => reader.skip(),
            None => Err(Fault::unknown_property(&name, colon)),
        })?;
        faults.extend(read.err());
        Ok(())
    });
    faults.extend(end.err());
    faults
}
