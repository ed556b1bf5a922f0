-- Waveforms without samples, with more than 3000, or without a sampling rate.
-- needs: waveform
SELECT 'waveform' AS place, v.waveform_id AS id, found.detail
FROM waveform v
CROSS JOIN LATERAL (VALUES
    (cardinality(v.values_array) = 0, 'no samples'),
    (cardinality(v.values_array) > 3000, 'more than 3000 samples'),
    (v.sampling_rate <= 0, 'sampling_rate is not above 0')
) AS found(is_so, detail)
WHERE found.is_so /*window v*/
