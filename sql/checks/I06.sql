-- A former version without an end.
-- tables: audit
SELECT '{table}' AS place, v.{table}_id AS id, 'valid_until or stored_until is null' AS detail
FROM {table} v
WHERE (v.valid_until IS NULL OR v.stored_until IS NULL) /*window v*/
