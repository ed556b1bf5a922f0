-- Waveforms linked to a stay at another time, or to a stay elsewhere than the other waveforms of their bed.
-- needs: waveform
SELECT 'waveform' AS place, v.waveform_id AS id, 'observation_datetime is outside of the stay' AS detail
FROM waveform v JOIN location_visit s USING (location_visit_id)
WHERE (s.admission_datetime IS NULL OR v.observation_datetime < s.admission_datetime
    OR v.observation_datetime > s.discharge_datetime) /*window v*/
UNION ALL
SELECT 'waveform', max(v.waveform_id), 'rows of one source_location are linked to stays at several locations'
FROM waveform v JOIN location_visit s USING (location_visit_id)
WHERE true /*window v*/
GROUP BY v.source_location
HAVING count(DISTINCT s.location_id) > 1
