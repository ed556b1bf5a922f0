-- Where one patient was, and what of it nobody reported.
SELECT concat_ws(', ', ward.name, room.name, bed.hl7string) AS place,
       to_char(stay.admission_datetime, 'HH24:MI:SS') AS "from",
       to_char(stay.discharge_datetime, 'HH24:MI:SS') AS "to",
       concat_ws(', ', CASE WHEN stay.inferred_admission THEN 'arrival' END,
                       CASE WHEN stay.inferred_discharge THEN 'departure' END) AS deduced
FROM location_visit AS stay
JOIN location AS place USING (location_id)
LEFT JOIN department AS ward USING (department_id)
LEFT JOIN room ON room.room_id = place.room_id
LEFT JOIN bed ON bed.bed_id = place.bed_id
JOIN hospital_visit AS visit USING (hospital_visit_id)
WHERE visit.encounter = '7100010'
ORDER BY stay.admission_datetime, stay.discharge_datetime
