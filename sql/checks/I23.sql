-- Waveforms: rows of one stream and bed that overlap, or a short gap between them: a message was lost. Longer gaps are devices that were switched off.
-- needs: waveform
SELECT 'waveform' AS place, v.id, v.detail
FROM (
    SELECT w.waveform_id AS id, w.stored_from,
           CASE WHEN w.difference < interval '-1 millisecond' THEN 'overlaps the row before it'
                WHEN w.difference > interval '1 millisecond' AND w.difference <= interval '1 minute'
                THEN 'follows the row before it after a gap of '
                     || round(extract(epoch FROM w.difference)::numeric, 3) || ' s' END AS detail
    FROM (
        SELECT r.waveform_id, r.stored_from,
               r.observation_datetime - lag(r.observation_datetime
                   + make_interval(secs => cardinality(r.values_array) / nullif(r.sampling_rate, 0)::double precision))
                   OVER streams AS difference
        FROM waveform r
        WINDOW streams AS (PARTITION BY r.visit_observation_type_id, r.source_location
                               /*has waveform.channel_id: , r.channel_id*/
                           ORDER BY r.observation_datetime, r.waveform_id)
    ) w
) v
WHERE v.detail IS NOT NULL /*window v*/
