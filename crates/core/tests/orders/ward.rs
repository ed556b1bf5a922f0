//! Streams of messages from the hospital's ward: few patients and places, what happens at random, in the order in which
//! it happened.

use emap_hospital::{
    Event,
    Step::{
        self, Admit, CallOff, CancelAdmit, CancelDischarge, CancelTransfer, ChangeIdentifiers, Delete,
        Discharge, Measure, Merge, MoveVisit, Plan, Register, Swap, Transfer, Update,
    },
    Turn, Ward,
};
use emap_interchange::Message;
use proptest::{
    collection::{SizeRange, vec},
    prelude::*,
    sample::select,
};

/// Where patients go, as often as on a ward: transfers more than anything else.
pub(crate) const MOVEMENTS: &[Step] = &[
    Admit,
    Admit,
    Register,
    Transfer,
    Transfer,
    Transfer,
    Transfer,
    Discharge,
    Discharge,
    CancelAdmit,
    CancelTransfer,
    CancelTransfer,
    CancelDischarge,
    Swap,
    Update,
    Measure,
];

/// Everything there is.
pub(crate) const EVERYTHING: &[Step] = &[
    Admit,
    Admit,
    Register,
    Transfer,
    Transfer,
    Transfer,
    Discharge,
    CancelAdmit,
    CancelTransfer,
    CancelDischarge,
    Swap,
    Plan,
    Plan,
    CallOff,
    Update,
    Measure,
    Merge,
    ChangeIdentifiers,
    MoveVisit,
    Delete,
];

/// Everything but the removal of people, the last of [`EVERYTHING`], which leaves nothing to compare.
pub(crate) const EVERYTHING_KEPT: &[Step] = EVERYTHING.split_at(EVERYTHING.len() - 1).0;

/// What messages of this length say of patients and visits, if these steps happen.
pub(crate) fn stream(
    steps: &'static [Step],
    length: impl Into<SizeRange>,
) -> impl Strategy<Value = Vec<Message>> {
    let turn = (select(steps), 0..Ward::PATIENTS, 0..Ward::PLACES, 1..90_u32, any::<bool>()).prop_map(
        |(step, patient, place, minutes, explicit)| {
            let renamed = minutes % 5 == 0;
            Turn { step, patient, place, minutes, explicit, renamed }
        },
    );
    vec(turn, length).prop_map(|turns| Ward::events(turns).iter().filter_map(about_patient).collect())
}

/// The message about patient and visit comes first.
fn about_patient(event: &Event) -> Option<Message> {
    event.messages().into_iter().next()
}
