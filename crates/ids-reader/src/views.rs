//! Typed views over segments: the only place where the number of a field is known.
//!
//! A view of a segment that the message does not have says of every field that it is absent.

mod evn;
mod iam;
mod mrg;
mod msh;
mod nte;
mod obr;
mod obx;
mod orc;
mod pid;
mod prb;
mod pv1;
mod pv2;
mod timed;
mod zif;

pub(crate) use evn::Evn;
pub(crate) use iam::Iam;
pub(crate) use mrg::Mrg;
pub(crate) use msh::Msh;
pub(crate) use nte::Nte;
pub(crate) use obr::Obr;
pub(crate) use obx::Obx;
pub(crate) use orc::Orc;
pub(crate) use pid::Pid;
pub(crate) use prb::Prb;
pub(crate) use pv1::Pv1;
pub(crate) use pv2::Pv2;
pub(crate) use timed::Timed;
pub(crate) use zif::{Infection, Zif};

/// Declares a view: its segment name and how to make one.
macro_rules! view {
    ($(#[$doc:meta])* $view:ident of $name:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub(crate) struct $view<'a> {
            fields: emap_hl7::Fields<'a>,
        }

        #[allow(dead_code, reason = "not every segment is looked up by all of these")]
        impl<'a> $view<'a> {
            pub(crate) const NAME: &'static str = $name;

            pub(crate) fn of(segment: &emap_hl7::Segment<'a>) -> Self {
                Self { fields: segment.fields() }
            }

            pub(crate) fn missing() -> Self {
                Self { fields: emap_hl7::Fields::missing() }
            }

            pub(crate) fn is_present(&self) -> bool {
                self.fields.is_present()
            }
        }
    };
}
use view;
