-- Who is in which bed at the end of the day.
SELECT ward.name AS ward,
       bed.hl7string AS bed,
       identifier.mrn,
       concat_ws(', ', person.lastname, person.firstname) AS patient,
       visit.patient_class AS class,
       to_char(stay.admission_datetime, 'DD Mon HH24:MI') AS "here since"
FROM location_visit AS stay
JOIN location AS place USING (location_id)
LEFT JOIN department AS ward USING (department_id)
LEFT JOIN bed ON bed.bed_id = place.bed_id
JOIN hospital_visit AS visit USING (hospital_visit_id)
JOIN mrn_to_live AS live ON live.mrn_id = visit.mrn_id
JOIN mrn AS identifier ON identifier.mrn_id = live.live_mrn_id
LEFT JOIN core_demographic AS person ON person.mrn_id = live.live_mrn_id
WHERE stay.discharge_datetime IS NULL
ORDER BY ward, bed
