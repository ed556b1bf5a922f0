-- Two sets of demographics for one identifier.
SELECT 'core_demographic' AS place, v.core_demographic_id AS id, 'another row has the same mrn_id' AS detail
FROM core_demographic v
WHERE EXISTS (SELECT FROM core_demographic o WHERE o.mrn_id = v.mrn_id AND o.core_demographic_id <> v.core_demographic_id)
    /*window v*/
