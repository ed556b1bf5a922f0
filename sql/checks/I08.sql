-- Identifiers and the one in force: exactly one link for each, and it leads to one that is in force itself.
SELECT 'mrn' AS place, v.mrn_id AS id, 'no row, or several, in mrn_to_live' AS detail
FROM mrn v
WHERE (SELECT count(*) FROM mrn_to_live l WHERE l.mrn_id = v.mrn_id) <> 1 /*window v*/
UNION ALL
SELECT 'mrn_to_live', v.mrn_to_live_id, 'live_mrn_id is not in force itself'
FROM mrn_to_live v
WHERE NOT EXISTS (SELECT FROM mrn_to_live l WHERE l.mrn_id = v.live_mrn_id AND l.live_mrn_id = l.mrn_id) /*window v*/
