-- Observations: the same one twice, or with two values.
SELECT 'visit_observation' AS place, max(v.visit_observation_id) AS id, 'visit, kind and time stand twice' AS detail
FROM visit_observation v
WHERE true /*window v*/
GROUP BY v.hospital_visit_id, v.visit_observation_type_id, v.observation_datetime
HAVING count(*) > 1
UNION ALL
SELECT 'visit_observation', v.visit_observation_id, 'several values'
FROM visit_observation v
WHERE num_nonnulls(v.value_as_date, v.value_as_real, v.value_as_text) > 1 /*window v*/
