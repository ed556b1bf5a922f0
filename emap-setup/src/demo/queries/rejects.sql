-- What could not be used, and why.
SELECT 'reader' AS "by", unid::text AS message, concat_ws('^', message_type, trigger_event) AS type, reason
FROM etl_ids_reject
UNION ALL
SELECT 'core', source_id, regexp_replace(message_type, '.*\.', ''), reason
FROM etl_message_reject
ORDER BY 1 DESC, 2
