//! Who a message is about: identifiers, where they lead, demographics, opt-outs.

mod changing;
mod deletion;
mod demographics;
mod identifiers;
mod merging;
mod opt_outs;

pub(crate) use self::{
    changing::change_identifiers,
    deletion::delete,
    demographics::update_demographics,
    identifiers::{get_or_create_all, get_or_create_live, get_or_create_live_by_mrn},
    merging::merge,
    opt_outs::set_opt_out,
};
