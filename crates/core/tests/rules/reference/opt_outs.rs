//! Patients who do not want their data used for research, as extracts report it.

use emap_star::rows::Mrn;
use emap_test_support::fixtures;

use crate::world::World;

#[test]
fn five_opt_outs_of_which_one_no_longer_holds() {
    let messages = fixtures::research_opt_outs("five_patients.yaml");
    let patients: Vec<Mrn> = World::after(messages.clone()).rows();
    let opted_out: Vec<_> = patients.iter().map(|row| row.research_opt_out).collect();
    assert_eq!(opted_out, [true, true, true, false, true]);
    World::everywhere(&messages);
}
