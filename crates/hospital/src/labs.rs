//! Laboratories and imaging, a file for each system.

mod batteries;
mod bedside;
mod blood_bank;
mod culture;
mod imaging;
mod pathology;
mod samples;

pub(crate) use self::{
    batteries::{NOTE, TestResult},
    bedside::{BloodGas, Gas, Glucose, blood_gas, glucose},
    blood_bank::{Grouping, grouping},
    culture::Isolate,
    imaging::{Imaging, QUESTIONS as IMAGING_QUESTIONS, imaging},
    pathology::{DOCUMENT, Histology, histology},
    samples::{Order, QUESTIONS, Sample, SampleEvent, advance, under_way},
};
