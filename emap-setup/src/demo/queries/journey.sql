-- Where one patient was, and what of it nobody reported.
SELECT place.location_string AS place,
       to_char(stay.admission_datetime, 'HH24:MI:SS') AS "from",
       to_char(stay.discharge_datetime, 'HH24:MI:SS') AS "to",
       concat_ws(', ', CASE WHEN stay.inferred_admission THEN 'arrival' END,
                       CASE WHEN stay.inferred_discharge THEN 'departure' END) AS deduced
FROM location_visit AS stay
JOIN location AS place USING (location_id)
JOIN hospital_visit AS visit USING (hospital_visit_id)
WHERE visit.encounter = '7100010'
ORDER BY stay.admission_datetime, stay.discharge_datetime
