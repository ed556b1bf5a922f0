-- A row that was never true: valid_from is missing.
-- tables: valid_from
SELECT '{table}' AS place, v.{table}_id AS id, 'valid_from is null' AS detail
FROM {table} v
WHERE v.valid_from IS NULL /*window v*/
