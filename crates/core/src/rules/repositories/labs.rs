//! Laboratory: batteries and tests, samples, orders with their former versions, results, what grew in cultures.

use emap_interchange::{
    LabMetadata, LabOrder as OrderMessage, LabResult as ResultMessage, LabsMetadataType, OrderCodingSystem,
};
use emap_star::{
    SessionError, UnitOfWork,
    rows::{
        BatteryByCode, BatteryCode, ElementByParts, ElementParts, IsolateByResult, LabBattery,
        LabBatteryElement, LabBatteryId, LabIsolate, LabIsolateId, LabOrder, LabOrderAudit, LabOrderBySample,
        LabOrderId, LabResult, LabResultByOrder, LabResultId, LabSample, LabSampleId, LabSensitivity,
        LabTestDefinition, LabTestDefinitionId, Mrn, OrderVersionBySample, SampleByNumber, SampleNumber,
        SensitivityByIsolate, TestByCode, TestCode,
    },
};

use super::{at_most_one::at_most_one, identity, in_memory::ids_under};
use crate::failure::{Failure, required, required_text};

/// The battery that an order is for.
pub(crate) fn battery_key(order: &OrderMessage) -> Result<BatteryCode, Failure> {
    battery_code(order.test_battery_coding_system.as_deref(), order.test_battery_local_code.as_deref())
}

/// The test that a result of an order is of.
pub(crate) fn test_key(order: &OrderMessage, result: &ResultMessage) -> Result<TestCode, Failure> {
    test_code(order.test_battery_coding_system.as_deref(), result.test_item_local_code.as_deref())
}

/// What a description of codes is about.
#[derive(Debug, Clone)]
pub(crate) enum Described {
    Battery(BatteryCode),
    Test(TestCode),
}

impl Described {
    pub(crate) fn of(message: &LabMetadata) -> Result<Self, Failure> {
        let provider = message.coding_system.map(OrderCodingSystem::as_str);
        let code = message.short_code.as_deref();
        match required(message.labs_metadata_type, "labsMetadataType")? {
            LabsMetadataType::Battery => battery_code(provider, code).map(Self::Battery),
            LabsMetadataType::Test => test_code(provider, code).map(Self::Test),
        }
    }
}

fn battery_code(provider: Option<&str>, code: Option<&str>) -> Result<BatteryCode, Failure> {
    let lab_provider = required(provider, "coding system of the battery")?.to_owned();
    Ok(BatteryCode { lab_provider, battery_code: required(code, "code of the battery")?.to_owned() })
}

fn test_code(provider: Option<&str>, code: Option<&str>) -> Result<TestCode, Failure> {
    let lab_provider = required(provider, "coding system of the test")?.to_owned();
    Ok(TestCode { lab_provider, test_lab_code: required(code, "code of the test")?.to_owned() })
}

/// The number that the laboratory gave the specimen of an order.
pub(crate) fn specimen_number(order: &OrderMessage) -> Result<&str, Failure> {
    required_text(order.lab_specimen_number.as_deref(), "labSpecimenNumber")
}

/// The battery with a code of a provider.
pub(crate) fn battery_by_code<'s>(
    work: &'s mut UnitOfWork,
    key: &BatteryCode,
) -> Result<Option<&'s LabBattery>, SessionError> {
    work.find_one::<BatteryByCode>(key)
}

/// The test with a code of a provider.
pub(crate) fn test_by_code<'s>(
    work: &'s mut UnitOfWork,
    key: &TestCode,
) -> Result<Option<&'s LabTestDefinition>, SessionError> {
    work.find_one::<TestByCode>(key)
}

/// The note that a test has been seen among the results of a battery.
pub(crate) fn element<'s>(
    work: &'s mut UnitOfWork,
    parts: &ElementParts,
) -> Result<Option<&'s LabBatteryElement>, SessionError> {
    // A battery or a test that the batch creates has not been seen with anything.
    if work.is_new::<LabBattery>(parts.lab_battery_id)
        || work.is_new::<LabTestDefinition>(parts.lab_test_definition_id)
    {
        work.known_absent::<ElementByParts>(parts.clone());
    }
    work.find_one::<ElementByParts>(parts)
}

/// A patient's specimen with a number of the laboratory.
pub(crate) fn sample_by_number<'s>(
    work: &'s mut UnitOfWork,
    key: &SampleNumber,
) -> Result<Option<&'s LabSample>, SessionError> {
    // Of a patient whom the batch creates nothing has been taken.
    if work.is_new::<Mrn>(key.mrn_id) {
        work.known_absent::<SampleByNumber>(key.clone());
    }
    work.find_one::<SampleByNumber>(key)
}

/// The request for a battery on a sample.
pub(crate) fn order_of_battery(
    work: &mut UnitOfWork,
    lab_sample_id: LabSampleId,
    lab_battery_id: LabBatteryId,
) -> Result<Option<&LabOrder>, SessionError> {
    let orders = work.children::<LabSample, LabOrderBySample>(lab_sample_id)?.into_iter();
    Ok(at_most_one(orders.filter(|order| order.lab_battery_id == lab_battery_id)))
}

/// Former versions of requests for a battery on a sample, and cancellations of requests that never came.
pub(crate) fn versions_of_battery(
    work: &mut UnitOfWork,
    lab_sample_id: LabSampleId,
    lab_battery_id: LabBatteryId,
) -> Result<impl Iterator<Item = &LabOrderAudit>, SessionError> {
    let versions = work.children::<LabSample, OrderVersionBySample>(lab_sample_id)?.into_iter();
    Ok(versions.filter(move |version| version.lab_battery_id == lab_battery_id))
}

/// An order has results.
pub(crate) fn has_results(work: &mut UnitOfWork, lab_order_id: LabOrderId) -> Result<bool, SessionError> {
    Ok(!work.children::<LabOrder, LabResultByOrder>(lab_order_id)?.is_empty())
}

/// The result of a test of an order.
pub(crate) fn result_of_test(
    work: &mut UnitOfWork,
    lab_order_id: LabOrderId,
    lab_test_definition_id: LabTestDefinitionId,
) -> Result<Option<&LabResult>, SessionError> {
    let results = work.children::<LabOrder, LabResultByOrder>(lab_order_id)?.into_iter();
    Ok(at_most_one(results.filter(|result| result.lab_test_definition_id == lab_test_definition_id)))
}

/// The result with this primary key.
pub(crate) fn result(work: &mut UnitOfWork, lab_result_id: LabResultId) -> Result<&LabResult, SessionError> {
    work.get::<LabResult>(lab_result_id)
}

/// The isolate with a number within its culture's result; "no number" finds what has none.
pub(crate) fn isolate_by_number<'s>(
    work: &'s mut UnitOfWork,
    lab_result_id: LabResultId,
    number: Option<&str>,
) -> Result<Option<&'s LabIsolate>, SessionError> {
    let isolates = work.children::<LabResult, IsolateByResult>(lab_result_id)?.into_iter();
    Ok(at_most_one(isolates.filter(|isolate| isolate.lab_internal_id.as_deref() == number)))
}

/// How an isolate responds to an agent.
pub(crate) fn response_to<'s>(
    work: &'s mut UnitOfWork,
    lab_isolate_id: LabIsolateId,
    agent: &str,
) -> Result<Option<&'s LabSensitivity>, SessionError> {
    let responses = work.children::<LabIsolate, SensitivityByIsolate>(lab_isolate_id)?.into_iter();
    Ok(at_most_one(responses.filter(|response| response.agent.as_deref() == Some(agent))))
}

/// Codes of tests and batteries, and orders with what they bring.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    batteries: Vec<BatteryCode>,
    tests: Vec<TestCode>,
    orders: Vec<Ordered>,
}

/// A specimen as a message names it.
#[derive(Debug, Clone)]
pub(super) struct Specimen {
    mrn: String,
    number: String,
}

impl Specimen {
    pub(super) fn of(message: &OrderMessage) -> Option<Self> {
        Some(Self { mrn: message.mrn.clone()?, number: specimen_number(message).ok()?.to_owned() })
    }
}

#[derive(Debug)]
struct Ordered {
    specimen: Specimen,
    battery: BatteryCode,
    tests: Vec<TestCode>,
    cancelled: bool,
    numbered: bool,
    cultures: bool,
}

impl Announced {
    pub(crate) fn add(&mut self, message: &OrderMessage) {
        let (Ok(battery), Some(specimen)) = (battery_key(message), Specimen::of(message)) else { return };
        let tests: Vec<_> = message.lab_results.iter().flat_map(|result| test_key(message, result)).collect();
        self.batteries.push(battery.clone());
        self.tests.extend(tests.iter().cloned());
        self.orders.push(Ordered {
            specimen,
            battery,
            tests,
            cancelled: message.epic_care_order_number.is_delete(),
            numbered: message.epic_care_order_number.is_save(),
            cultures: message.lab_results.iter().any(|result| result.lab_isolate.is_some()),
        });
    }

    pub(crate) fn add_metadata(&mut self, message: &LabMetadata) {
        match Described::of(message) {
            Ok(Described::Battery(key)) => self.batteries.push(key),
            Ok(Described::Test(key)) => self.tests.push(key),
            Err(_) => {}
        }
    }

    /// The tests and batteries, the samples of the patients, who are known already, and what belongs to these.
    pub(crate) fn read(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        work.prefetch::<BatteryByCode>(self.batteries.iter().cloned())?;
        work.prefetch::<TestByCode>(self.tests.iter().cloned())?;
        let elements: Vec<_> = self.orders.iter().flat_map(|order| order.elements(work)).collect();
        work.prefetch::<ElementByParts>(elements)?;
        let samples: Vec<_> = self.orders.iter().flat_map(|order| order.specimen.keys(work)).collect();
        work.prefetch::<SampleByNumber>(samples)?;
        work.prefetch::<LabOrderBySample>(self.of(work, |_| true, Ordered::samples))?;
        let may_be_cancelled =
            |order: &Ordered| order.cancelled || order.numbered || order.known(work).is_empty();
        work.prefetch::<OrderVersionBySample>(self.of(work, may_be_cancelled, Ordered::samples))?;
        let examined = |order: &Ordered| order.cancelled || !order.tests.is_empty();
        work.prefetch::<LabResultByOrder>(self.of(work, examined, Ordered::known))?;
        let cultures = self.of(work, |order| order.cultures, Ordered::results);
        work.prefetch::<IsolateByResult>(cultures.iter().copied())?;
        work.prefetch::<SensitivityByIsolate>(ids_under::<IsolateByResult>(work, &cultures))
    }

    /// Primary keys of what belongs to some of the orders.
    fn of<T>(
        &self,
        work: &UnitOfWork,
        selected: impl Fn(&Ordered) -> bool,
        ids: impl Fn(&Ordered, &UnitOfWork) -> Vec<T>,
    ) -> Vec<T> {
        self.orders.iter().filter(|order| selected(order)).flat_map(|order| ids(order, work)).collect()
    }
}

impl Specimen {
    fn keys(&self, work: &UnitOfWork) -> Vec<SampleNumber> {
        let key = |mrn_id| SampleNumber { mrn_id, external_lab_number: self.number.clone() };
        identity::live_in_memory(work, &self.mrn).into_iter().map(key).collect()
    }
}

/// Primary keys of a specimen's samples, as far as they have been read.
pub(super) fn samples_in_memory(work: &UnitOfWork, specimen: &Specimen) -> Vec<LabSampleId> {
    ids_under::<SampleByNumber>(work, specimen.keys(work))
}

impl Ordered {
    fn elements(&self, work: &UnitOfWork) -> Vec<ElementParts> {
        let tests = ids_under::<TestByCode>(work, &self.tests);
        let mut elements = Vec::new();
        for lab_battery_id in self.batteries(work) {
            elements.extend(
                tests.iter().map(|test| ElementParts { lab_battery_id, lab_test_definition_id: *test }),
            );
        }
        elements
    }

    fn batteries(&self, work: &UnitOfWork) -> Vec<LabBatteryId> {
        ids_under::<BatteryByCode>(work, [&self.battery])
    }

    fn samples(&self, work: &UnitOfWork) -> Vec<LabSampleId> {
        samples_in_memory(work, &self.specimen)
    }

    /// The order, if it is known.
    fn known(&self, work: &UnitOfWork) -> Vec<LabOrderId> {
        let batteries = self.batteries(work);
        let samples = self.samples(work);
        let orders = samples.iter().flat_map(|sample| work.in_memory_rows::<LabOrderBySample>(sample));
        let of_battery = orders.filter(|order| batteries.contains(&order.lab_battery_id));
        of_battery.map(|order| order.lab_order_id).collect()
    }

    fn results(&self, work: &UnitOfWork) -> Vec<LabResultId> {
        ids_under::<LabResultByOrder>(work, self.known(work))
    }
}
