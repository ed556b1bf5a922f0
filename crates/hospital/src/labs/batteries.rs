//! Batteries of ten tests, and their results.

use crate::{chance::Chance, number::Decimal};

/// A set of tests that is ordered as one.
#[derive(Debug, PartialEq)]
pub(crate) struct Battery {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) department: &'static str,
    pub(crate) tests: &'static [Test],
}

/// Code, name, unit, what is normal (with so many decimals).
type Test = (&'static str, &'static str, &'static str, (i64, i64, usize));

pub(crate) const BATTERIES: [Battery; 6] = [
    Battery {
        code: "FBC",
        name: "FULL BLOOD COUNT",
        department: "H1",
        tests: &[
            ("HBX", "Haemoglobin", "g/L", (115, 165, 0)),
            ("WCC", "White cell count", "x10^9/L", (30, 100, 1)),
            ("PLT", "Platelet count", "x10^9/L", (150, 400, 0)),
            ("RBC", "Red cell count", "x10^12/L", (395, 515, 2)),
            ("HCT", "Haematocrit", "L/L", (360, 470, 3)),
            ("MCV", "Mean cell volume", "fL", (80, 99, 0)),
            ("MCH", "Mean cell haemoglobin", "pg", (270, 335, 1)),
            ("NEU", "Neutrophils", "x10^9/L", (200, 750, 2)),
            ("LYM", "Lymphocytes", "x10^9/L", (120, 365, 2)),
            ("MON", "Monocytes", "x10^9/L", (20, 100, 2)),
        ],
    },
    Battery {
        code: "REN",
        name: "KIDNEY PROFILE",
        department: "C1",
        tests: &[
            ("NAX", "Sodium", "mmol/L", (135, 145, 0)),
            ("KXX", "Potassium", "mmol/L", (35, 51, 1)),
            ("CLX", "Chloride", "mmol/L", (98, 107, 0)),
            ("URE", "Urea", "mmol/L", (17, 83, 1)),
            ("CRE", "Creatinine", "umol/L", (49, 112, 0)),
            ("GFR", "Estimated filtration rate", "mL/min", (60, 120, 0)),
            ("HCO", "Bicarbonate", "mmol/L", (22, 29, 0)),
            ("ANG", "Anion gap", "mmol/L", (8, 16, 0)),
            ("OSM", "Osmolality", "mmol/kg", (275, 295, 0)),
            ("GLU", "Glucose", "mmol/L", (39, 58, 1)),
        ],
    },
    Battery {
        code: "LIV",
        name: "LIVER PROFILE",
        department: "C1",
        tests: &[
            ("BIL", "Bilirubin", "umol/L", (0, 20, 0)),
            ("ALP", "Alkaline phosphatase", "IU/L", (35, 104, 0)),
            ("ALT", "Alanine transferase", "IU/L", (10, 35, 0)),
            ("AST", "Aspartate transferase", "IU/L", (0, 31, 0)),
            ("GGT", "Gamma transferase", "IU/L", (6, 42, 0)),
            ("ALB", "Albumin", "g/L", (34, 50, 0)),
            ("TPR", "Total protein", "g/L", (63, 83, 0)),
            ("GLO", "Globulin", "g/L", (23, 35, 0)),
            ("CBI", "Conjugated bilirubin", "umol/L", (0, 5, 0)),
            ("AMY", "Amylase", "IU/L", (28, 100, 0)),
        ],
    },
    Battery {
        code: "BON",
        name: "BONE PROFILE",
        department: "C1",
        tests: &[
            ("CAL", "Calcium", "mmol/L", (220, 260, 2)),
            ("CAD", "Calcium, adjusted", "mmol/L", (220, 260, 2)),
            ("PHO", "Phosphate", "mmol/L", (87, 145, 2)),
            ("MGX", "Magnesium", "mmol/L", (66, 99, 2)),
            ("PTH", "Parathyroid hormone", "pmol/L", (16, 69, 1)),
            ("VTD", "Vitamin D", "nmol/L", (50, 120, 0)),
            ("BAL", "Bone phosphatase", "ug/L", (5, 27, 0)),
            ("URA", "Urate", "umol/L", (143, 339, 0)),
            ("CKX", "Creatine kinase", "IU/L", (26, 140, 0)),
            ("LDH", "Lactate dehydrogenase", "IU/L", (135, 214, 0)),
        ],
    },
    Battery {
        code: "CLO",
        name: "CLOTTING AND INFLAMMATION",
        department: "H2",
        tests: &[
            ("PTX", "Prothrombin time", "s", (100, 120, 1)),
            ("INR", "Normalised ratio", "", (9, 12, 1)),
            ("APT", "Partial thromboplastin time", "s", (250, 350, 1)),
            ("TTX", "Thrombin time", "s", (13, 18, 0)),
            ("FIB", "Fibrinogen", "g/L", (15, 40, 1)),
            ("DDI", "D-dimer", "ug/L", (0, 500, 0)),
            ("CRP", "C-reactive protein", "mg/L", (0, 5, 0)),
            ("PCT", "Procalcitonin", "ug/L", (0, 50, 2)),
            ("FER", "Ferritin", "ug/L", (13, 150, 0)),
            ("ESR", "Sedimentation rate", "mm/h", (1, 20, 0)),
        ],
    },
    Battery {
        code: "HOR",
        name: "HORMONES AND VITAMINS",
        department: "C2",
        tests: &[
            ("TSH", "Thyrotropin", "mIU/L", (27, 420, 2)),
            ("FT4", "Free thyroxine", "pmol/L", (120, 220, 1)),
            ("FT3", "Free triiodothyronine", "pmol/L", (31, 68, 1)),
            ("COR", "Cortisol", "nmol/L", (133, 537, 0)),
            ("B12", "Vitamin B12", "ng/L", (197, 771, 0)),
            ("FOL", "Folate", "ug/L", (46, 187, 1)),
            ("PRL", "Prolactin", "mIU/L", (102, 496, 0)),
            ("TRO", "Troponin", "ng/L", (0, 14, 0)),
            ("BNP", "Natriuretic peptide", "ng/L", (0, 400, 0)),
            ("HBA", "Glycated haemoglobin", "mmol/mol", (20, 41, 0)),
        ],
    },
];

/// One result.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TestResult {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) value: Decimal,
    pub(crate) low: Decimal,
    pub(crate) high: Decimal,
    pub(crate) has_note: bool,
}

impl TestResult {
    /// `L`, `H` or nothing.
    pub(crate) fn flag(&self) -> &'static str {
        if self.value.0 < self.low.0 {
            "L"
        } else if self.value.0 > self.high.0 {
            "H"
        } else {
            ""
        }
    }
}

/// The note of some results, in two lines.
pub(crate) const NOTE: [&str; 2] = ["Sample slightly haemolysed", "Result may be too high"];

/// Results of all tests of a battery. Some are out of what is normal, some come with a note.
pub(crate) fn results(battery: &Battery, chance: &mut Chance) -> Vec<TestResult> {
    let result = |(code, name, unit, (low, high, decimals)): &Test| {
        let margin = (high - low) / 6;
        let value = chance.between((low - margin).max(0), high + margin);
        let [value, low, high] = [value, *low, *high].map(|number| Decimal(number, *decimals));
        TestResult { code, name, unit, value, low, high, has_note: chance.share(0.02) }
    };
    battery.tests.iter().map(result).collect()
}
