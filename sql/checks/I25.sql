-- Waveforms of a bed in which nobody was known to be. Movements that come late leave some.
-- inspect
-- needs: waveform
SELECT 'waveform' AS place, v.waveform_id AS id, 'linked to no stay' AS detail
FROM waveform v
WHERE v.location_visit_id IS NULL /*window v*/
