-- A former version whose validity ends before it begins. Late messages make some.
-- inspect
-- tables: valid_until
SELECT '{table}' AS place, v.{table}_id AS id, 'valid_until before valid_from' AS detail
FROM {table} v
WHERE v.valid_until < v.valid_from /*window v*/
