-- The same for research: without names, and without those who opted out.
SELECT ward.speciality, identifier.mrn, visit.patient_class AS class,
       extract(year FROM person.date_of_birth) AS born
FROM location_visit AS stay
JOIN location AS place USING (location_id)
LEFT JOIN department_state AS ward ON ward.department_id = place.department_id AND ward.valid_until IS NULL
JOIN hospital_visit AS visit USING (hospital_visit_id)
JOIN mrn_to_live AS live ON live.mrn_id = visit.mrn_id
JOIN mrn AS identifier ON identifier.mrn_id = live.live_mrn_id
LEFT JOIN core_demographic AS person ON person.mrn_id = live.live_mrn_id
WHERE stay.discharge_datetime IS NULL
  AND NOT identifier.research_opt_out
ORDER BY speciality, mrn
