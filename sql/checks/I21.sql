-- History with a gap or an overlap: a version is stored until the next one is, and the last until the present row is.
-- tables: live
SELECT '{table}' AS place, v.id, 'the next version is not stored from where this one ends' AS detail
FROM (
    SELECT a.{table}_audit_id AS id, a.stored_from, a.stored_until,
           lead(a.stored_from) OVER versions AS next, l.stored_from AS present, l.{table}_id IS NOT NULL AS is_live
    FROM {table}_audit a LEFT JOIN {table} l ON l.{table}_id = a.{table}_id
    WINDOW versions AS (PARTITION BY a.{table}_id ORDER BY a.stored_from, a.stored_until)
) v
WHERE ((v.next IS NOT NULL AND v.stored_until <> v.next)
    OR (v.next IS NULL AND v.is_live AND v.stored_until <> v.present)) /*window v*/
