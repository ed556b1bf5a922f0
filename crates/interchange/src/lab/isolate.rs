//! What grew in a culture.

use super::LabResult;
use crate::InterchangeValue;
use crate::wire::record;

record! {
    /// An isolate and what it is sensitive to.
    pub struct LabIsolate as "lab.LabIsolateMsg" {
        /// The hospital's number of the order.
        epic_care_order_number = "epicCareOrderNumber": Option<String>,
        /// Which isolate of the order it is; code and name may change while it is identified.
        isolate_id = "isolateId": Option<String>,
        /// Code of the organism.
        isolate_code = "isolateCode": Option<String>,
        /// Name of the organism.
        isolate_name = "isolateName": Option<String>,
        /// How it was grown.
        culture_type = "cultureType": InterchangeValue<String>,
        /// How much there was.
        quantity = "quantity": InterchangeValue<String>,
        /// What the clinician wrote.
        clinical_information = "clinicalInformation": InterchangeValue<String>,
        /// Effect of antibiotics.
        sensitivities = "sensitivities": Vec<LabResult>,
    }
}

impl LabIsolate {
    /// An isolate of an order, of which nothing else is known yet.
    pub fn new(epic_care_order_number: Option<String>, isolate_id: Option<String>) -> Self {
        Self { epic_care_order_number, isolate_id, ..Self::default() }
    }

    /// Takes over what another part of the message says about the same isolate of the same order; its
    /// sensitivities stay aside.
    pub fn merge(&mut self, other: &Self) {
        fn take<T: Clone>(mine: &mut InterchangeValue<T>, theirs: &InterchangeValue<T>) {
            if theirs.is_save() {
                mine.clone_from(theirs);
            }
        }
        debug_assert!(self.is_same_isolate(other), "different isolates");
        self.isolate_code = other.isolate_code.clone().or_else(|| self.isolate_code.take());
        self.isolate_name = other.isolate_name.clone().or_else(|| self.isolate_name.take());
        take(&mut self.culture_type, &other.culture_type);
        take(&mut self.quantity, &other.quantity);
        take(&mut self.clinical_information, &other.clinical_information);
    }

    fn is_same_isolate(&self, other: &Self) -> bool {
        self.epic_care_order_number == other.epic_care_order_number && self.isolate_id == other.isolate_id
    }
}

#[cfg(test)]
mod tests {
    use super::LabIsolate;
    use crate::InterchangeValue;

    #[test]
    fn merging_takes_what_the_other_knows() {
        let start = || LabIsolate::new(Some("77120".to_owned()), Some("2".to_owned()));
        let mut isolate = LabIsolate {
            isolate_code: Some("KLPN".to_owned()),
            quantity: InterchangeValue::Save("few".to_owned()),
            ..start()
        };
        isolate.merge(&LabIsolate {
            isolate_name: Some("Klebsiella pneumoniae".to_owned()),
            quantity: InterchangeValue::delete(),
            culture_type: InterchangeValue::Save("aerobic".to_owned()),
            ..start()
        });
        assert_eq!(
            isolate,
            LabIsolate {
                isolate_code: Some("KLPN".to_owned()),
                isolate_name: Some("Klebsiella pneumoniae".to_owned()),
                quantity: InterchangeValue::Save("few".to_owned()),
                culture_type: InterchangeValue::Save("aerobic".to_owned()),
                ..start()
            }
        );
    }
}
