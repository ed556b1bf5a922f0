-- Kinds of observation: known twice, by no identifier, or as two halves of one.
SELECT 'visit_observation_type' AS place, v.visit_observation_type_id AS id, 'no identifier' AS detail
FROM visit_observation_type v
WHERE v.id_in_application IS NULL AND v.interface_id IS NULL /*window v*/
UNION ALL
SELECT 'visit_observation_type', v.visit_observation_type_id, 'another row has the same identity'
FROM visit_observation_type v
WHERE EXISTS (SELECT FROM visit_observation_type o
              WHERE o.visit_observation_type_id <> v.visit_observation_type_id
                AND o.source_observation_type = v.source_observation_type
                AND o.interface_id IS NOT DISTINCT FROM v.interface_id
                AND o.id_in_application IS NOT DISTINCT FROM v.id_in_application) /*window v*/
UNION ALL
SELECT 'visit_observation_type', v.visit_observation_type_id, 'another row has both of its identifiers'
FROM visit_observation_type v
WHERE num_nulls(v.interface_id, v.id_in_application) = 1
  AND EXISTS (SELECT FROM visit_observation_type o
              WHERE o.source_observation_type = v.source_observation_type
                AND num_nulls(o.interface_id, o.id_in_application) = 0
                AND (o.interface_id = v.interface_id OR o.id_in_application = v.id_in_application)) /*window v*/
