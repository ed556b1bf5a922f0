-- The vital signs of one patient, a line for each time of observation.
SELECT to_char(value.observation_datetime, 'HH24:MI') AS at,
       max(value.value_as_real) FILTER (WHERE kind.display_name = 'Pulse') AS "pulse /min",
       max(value.value_as_text) FILTER (WHERE kind.display_name = 'Blood pressure') AS "blood pressure mmHg",
       max(value.value_as_real) FILTER (WHERE kind.display_name = 'Temperature') AS "temperature C",
       max(value.value_as_real) FILTER (WHERE kind.display_name = 'Oxygen saturation') AS "oxygen saturation %"
FROM visit_observation AS value
JOIN visit_observation_type AS kind USING (visit_observation_type_id)
JOIN hospital_visit AS visit USING (hospital_visit_id)
WHERE visit.encounter = '7100001'
GROUP BY value.observation_datetime
ORDER BY value.observation_datetime
