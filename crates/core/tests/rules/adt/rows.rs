//! The rows that patient messages lead to, and short ways to state them.

use emap_star::{Instant, rows::*};

use crate::world::World;

/// Every row of the tables that patient messages touch.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) mrns: Vec<Mrn>,
    pub(crate) lives: Vec<MrnToLive>,
    pub(crate) live_audits: Vec<MrnToLiveAudit>,
    pub(crate) demographics: Vec<CoreDemographic>,
    pub(crate) demographic_audits: Vec<CoreDemographicAudit>,
    pub(crate) visits: Vec<HospitalVisit>,
    pub(crate) visit_audits: Vec<HospitalVisitAudit>,
    pub(crate) locations: Vec<Location>,
    pub(crate) events: Vec<LocationEvent>,
    pub(crate) stays: Vec<LocationVisit>,
    pub(crate) stay_audits: Vec<LocationVisitAudit>,
    pub(crate) plans: Vec<PlannedMovement>,
    pub(crate) plan_audits: Vec<PlannedMovementAudit>,
    pub(crate) log: Vec<EtlPerMessageLogging>,
    pub(crate) rejects: Vec<EtlMessageReject>,
}

impl World {
    /// The rows of the tables that patient messages touch; stays in the order in which they happened.
    pub(crate) fn snapshot(&self) -> Rows {
        let mut stays: Vec<LocationVisit> = self.rows();
        stays.sort_by_key(|row| (row.hospital_visit_id, row.admission_datetime, row.discharge_datetime));
        Rows {
            mrns: self.rows(),
            lives: self.rows(),
            live_audits: self.rows(),
            demographics: self.rows(),
            demographic_audits: self.rows(),
            visits: self.rows(),
            visit_audits: self.rows(),
            locations: self.rows(),
            events: self.rows(),
            stays,
            stay_audits: self.rows(),
            plans: self.rows(),
            plan_audits: self.rows(),
            log: self.rows(),
            rejects: self.rows(),
        }
    }
}

impl Rows {
    /// The only visit.
    pub(crate) fn visit(&self) -> &HospitalVisit {
        assert_eq!(self.visits.len(), 1, "exactly one visit expected");
        &self.visits[0]
    }

    /// The only patient's demographics.
    pub(crate) fn patient(&self) -> &CoreDemographic {
        assert_eq!(self.demographics.len(), 1, "exactly one patient expected");
        &self.demographics[0]
    }

    /// The hospital number that a hospital number leads to.
    pub(crate) fn live(&self, mrn: &str) -> &str {
        let mrn_id = self.mrn_id(mrn);
        self.number(self.lives.iter().find(|live| live.mrn_id == mrn_id).unwrap().live_mrn_id)
    }

    /// The identifier row with a hospital number.
    pub(crate) fn mrn_id(&self, mrn: &str) -> MrnId {
        self.mrns.iter().find(|row| row.mrn.as_deref() == Some(mrn)).unwrap().mrn_id
    }

    /// The hospital number of an identifier row, or its NHS number if it has none.
    pub(crate) fn number(&self, mrn_id: MrnId) -> &str {
        let row = self.mrns.iter().find(|row| row.mrn_id == mrn_id).unwrap();
        row.mrn.as_deref().or(row.nhs_number.as_deref()).unwrap()
    }

    /// The stays, as `place begin–end`; a `*` marks an inferred time.
    pub(crate) fn journey(&self) -> Vec<String> {
        self.stays
            .iter()
            .map(|stay| {
                let begin =
                    stay.admission_datetime.map_or("?".to_owned(), |at| at.format("%H:%M:%S").to_string());
                let end =
                    stay.discharge_datetime.map_or("open".to_owned(), |at| at.format("%H:%M:%S").to_string());
                let star = |inferred: bool| if inferred { "*" } else { "" };
                format!(
                    "{} {begin}{}–{end}{}",
                    self.place(stay.location_id),
                    star(stay.inferred_admission),
                    star(stay.inferred_discharge)
                )
            })
            .collect()
    }

    /// The planned movements, as `kind place made–called off`; `?` is a time that is not known.
    pub(crate) fn planned(&self) -> Vec<String> {
        let clock = |time: Option<Instant>| time.map_or("?".to_owned(), |at| at.format("%H:%M").to_string());
        self.plans
            .iter()
            .map(|plan| {
                let place = plan.location_id.map_or("nowhere", |id| self.place(id));
                let kind = plan.event_type.as_deref().unwrap_or("?");
                let off = match (plan.cancelled, plan.cancelled_datetime) {
                    (Some(false), None) => "open".to_owned(),
                    (Some(true), at) => clock(at),
                    inconsistent => panic!("{inconsistent:?}"),
                };
                format!("{kind} {place} {}–{off}", clock(plan.event_datetime))
            })
            .collect()
    }

    fn place(&self, location_id: LocationId) -> &str {
        &self.locations.iter().find(|row| row.location_id == location_id).unwrap().location_string
    }
}
