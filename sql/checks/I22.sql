-- A message whose processing ended before it started.
SELECT 'etl_per_message_logging' AS place, v.id, 'processing_end_time before processing_start_time' AS detail
FROM etl_per_message_logging v
WHERE v.processing_end_time < v.processing_start_time /*window v processing_start_time*/
