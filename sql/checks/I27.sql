-- Kinds of waveform: the same stream twice.
SELECT 'visit_observation_type' AS place, max(v.visit_observation_type_id) AS id, 'another row has the same stream' AS detail
FROM visit_observation_type v
WHERE v.source_observation_type = 'waveform' /*window v*/
GROUP BY coalesce(v.interface_id, v.id_in_application)
HAVING count(*) > 1
