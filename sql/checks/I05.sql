-- A version that was replaced before it was stored.
-- tables: stored_until
SELECT '{table}' AS place, v.{table}_id AS id, 'stored_until before stored_from' AS detail
FROM {table} v
WHERE v.stored_until < v.stored_from /*window v*/
