-- Who is in which bed at the end of the day.
SELECT split_part(place.location_string, '^', 1) AS ward,
       split_part(place.location_string, '^', 3) AS bed,
       identifier.mrn,
       concat_ws(', ', person.lastname, person.firstname) AS patient,
       visit.patient_class AS class,
       to_char(stay.admission_datetime, 'DD Mon HH24:MI') AS "here since"
FROM location_visit AS stay
JOIN location AS place USING (location_id)
JOIN hospital_visit AS visit USING (hospital_visit_id)
JOIN mrn_to_live AS live ON live.mrn_id = visit.mrn_id
JOIN mrn AS identifier ON identifier.mrn_id = live.live_mrn_id
LEFT JOIN core_demographic AS person ON person.mrn_id = live.live_mrn_id
WHERE stay.discharge_datetime IS NULL
ORDER BY ward, bed
