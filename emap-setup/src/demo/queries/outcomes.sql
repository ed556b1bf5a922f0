-- What became of the messages that core took from the queue.
SELECT regexp_replace(message_type, '.*\.', '') AS type,
       count(*) AS messages,
       count(*) FILTER (WHERE error) AS errors,
       count(*) FILTER (WHERE NOT error AND message IS NOT NULL) AS ignored
FROM etl_per_message_logging
GROUP BY 1
ORDER BY 2 DESC, 1
