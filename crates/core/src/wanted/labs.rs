//! Laboratory orders, their samples and results, tests and batteries.

use emap_interchange::{LabMetadata, LabOrder as Message, LabsMetadataType};
use emap_star::{
    Session, SessionError,
    rows::{
        AnswerByParent, BatteryByCode, BatteryCode, ElementByParts, ElementParts, IsolateByResult, LabOrder,
        LabOrderBySample, LabResultByOrder, OrderVersionBySample, SampleByNumber, SampleNumber,
        SensitivityByIsolate, TestByCode, TestCode,
    },
};

use super::{collect, ids, people::Numbers};

/// Codes of tests and batteries, and orders with what they bring.
#[derive(Debug, Default)]
pub(super) struct Labs {
    batteries: Vec<BatteryCode>,
    tests: Vec<TestCode>,
    orders: Vec<Ordered>,
}

#[derive(Debug)]
struct Ordered {
    patient: Numbers,
    specimen: String,
    battery: BatteryCode,
    tests: Vec<TestCode>,
    cancelled: bool,
    numbered: bool,
    asks: bool,
    cultures: bool,
}

impl Labs {
    pub(super) fn announce(&mut self, message: &Message) {
        let (Some(lab_provider), Some(battery_code), Some(specimen)) = (
            message.test_battery_coding_system.clone(),
            message.test_battery_local_code.clone(),
            message.lab_specimen_number.clone(),
        ) else {
            return;
        };
        let mut patient = Numbers::default();
        patient.add(message.mrn.as_deref(), None);
        let codes = message.lab_results.iter().filter_map(|result| result.test_item_local_code.clone());
        let tests: Vec<_> = codes
            .map(|test_lab_code| TestCode { lab_provider: lab_provider.clone(), test_lab_code })
            .collect();
        let battery = BatteryCode { lab_provider, battery_code };
        self.batteries.push(battery.clone());
        self.tests.extend(tests.iter().cloned());
        self.orders.push(Ordered {
            patient,
            specimen,
            battery,
            tests,
            cancelled: message.epic_care_order_number.is_delete(),
            numbered: message.epic_care_order_number.is_save(),
            asks: !message.questions.is_empty(),
            cultures: message.lab_results.iter().any(|result| result.lab_isolate.is_some()),
        });
    }

    pub(super) fn announce_metadata(&mut self, message: &LabMetadata) {
        let (Some(system), Some(code)) = (message.coding_system, message.short_code.clone()) else { return };
        let lab_provider = system.as_str().to_owned();
        match message.labs_metadata_type {
            Some(LabsMetadataType::Battery) => {
                self.batteries.push(BatteryCode { lab_provider, battery_code: code });
            }
            Some(LabsMetadataType::Test) => self.tests.push(TestCode { lab_provider, test_lab_code: code }),
            None => {}
        }
    }

    /// Reads them, and what hangs on the samples. The patients are known already.
    pub(super) fn prefetch(&self, session: &mut Session) -> Result<(), SessionError> {
        session.prefetch::<BatteryByCode>(self.batteries.iter().cloned())?;
        session.prefetch::<TestByCode>(self.tests.iter().cloned())?;
        let elements: Vec<_> = self.orders.iter().flat_map(|order| order.elements(session)).collect();
        session.prefetch::<ElementByParts>(elements)?;
        let samples: Vec<_> = self.orders.iter().flat_map(|order| order.sample_keys(session)).collect();
        session.prefetch::<SampleByNumber>(samples)?;
        session.prefetch::<LabOrderBySample>(self.of(session, |_| true, Ordered::samples))?;
        let may_be_cancelled =
            |order: &Ordered| order.cancelled || order.numbered || order.known(session).is_empty();
        session.prefetch::<OrderVersionBySample>(self.of(session, may_be_cancelled, Ordered::samples))?;
        session.prefetch::<AnswerByParent>(self.of(session, |order| order.asks, Ordered::samples))?;
        let examined = |order: &Ordered| order.cancelled || !order.tests.is_empty();
        session.prefetch::<LabResultByOrder>(self.of(session, examined, Ordered::known))?;
        let cultures = self.of(session, |order| order.cultures, Ordered::results);
        session.prefetch::<IsolateByResult>(cultures.iter().copied())?;
        let isolates = collect(&cultures, |result| {
            ids(session.in_memory_rows::<IsolateByResult>(result), |row| row.lab_isolate_id)
        });
        session.prefetch::<SensitivityByIsolate>(isolates)
    }

    /// Primary keys of what hangs on some of the orders.
    fn of(
        &self,
        session: &Session,
        wanted: impl Fn(&Ordered) -> bool,
        ids: impl Fn(&Ordered, &Session) -> Vec<i64>,
    ) -> Vec<i64> {
        self.orders.iter().filter(|order| wanted(order)).flat_map(|order| ids(order, session)).collect()
    }
}

impl Ordered {
    fn elements(&self, session: &Session) -> Vec<ElementParts> {
        let batteries = self.batteries(session);
        let tests = collect(&self.tests, |test| {
            ids(session.in_memory_rows::<TestByCode>(test), |row| row.lab_test_definition_id)
        });
        let parts = |lab_battery_id: i64| {
            tests.iter().map(move |test| ElementParts { lab_battery_id, lab_test_definition_id: *test })
        };
        batteries.into_iter().flat_map(parts).collect()
    }

    fn batteries(&self, session: &Session) -> Vec<i64> {
        ids(session.in_memory_rows::<BatteryByCode>(&self.battery), |row| row.lab_battery_id)
    }

    fn sample_keys(&self, session: &Session) -> Vec<SampleNumber> {
        let key = |mrn_id| SampleNumber { mrn_id, external_lab_number: self.specimen.clone() };
        self.patient.live(session).into_iter().map(key).collect()
    }

    fn samples(&self, session: &Session) -> Vec<i64> {
        collect(&self.sample_keys(session), |key| {
            ids(session.in_memory_rows::<SampleByNumber>(key), |row| row.lab_sample_id)
        })
    }

    /// The order, if it is known.
    fn known(&self, session: &Session) -> Vec<i64> {
        let batteries = self.batteries(session);
        let of_battery = |row: &&LabOrder| batteries.contains(&row.lab_battery_id);
        collect(&self.samples(session), |sample| {
            let orders = session.in_memory_rows::<LabOrderBySample>(sample).filter(of_battery);
            ids(orders, |row| row.lab_order_id)
        })
    }

    fn results(&self, session: &Session) -> Vec<i64> {
        collect(&self.known(session), |order| {
            ids(session.in_memory_rows::<LabResultByOrder>(order), |row| row.lab_result_id)
        })
    }
}
