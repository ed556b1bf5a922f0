//! Typed views over segments: the only place where the number of a field is known.
//!
//! A view of a segment that the message does not have says of every field that it is absent.

mod evn;
mod filled;
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
mod view;
mod zif;

pub(crate) use self::{
    evn::Evn,
    iam::Iam,
    mrg::Mrg,
    msh::Msh,
    nte::Nte,
    obr::Obr,
    obx::Obx,
    orc::Orc,
    pid::Pid,
    prb::Prb,
    pv1::Pv1,
    pv2::Pv2,
    timed::Timed,
    zif::{Infection, Zif},
};
