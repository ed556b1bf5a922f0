-- Laboratory: the same thing twice, a value that is not where its type says, a range upside down.
SELECT 'lab_result' AS place, v.lab_result_id AS id, 'range_low above range_high' AS detail
FROM lab_result v
WHERE v.range_low > v.range_high /*window v*/
UNION ALL
SELECT 'lab_result', v.lab_result_id, 'the value is not where mime_type says'
FROM lab_result v
WHERE ((v.value_as_real IS NOT NULL AND v.mime_type <> 'numeric/plain')
    OR (v.value_as_bytes IS NOT NULL AND v.mime_type <> 'application/pdf')
    OR (v.value_as_text IS NOT NULL AND v.mime_type NOT IN ('text/plain', 'numeric/plain'))) /*window v*/
UNION ALL
SELECT 'lab_result', max(v.lab_result_id), 'order and test stand twice'
FROM lab_result v
WHERE true /*window v*/
GROUP BY v.lab_order_id, v.lab_test_definition_id
HAVING count(*) > 1
UNION ALL
SELECT 'lab_order', max(v.lab_order_id), 'battery and sample stand twice'
FROM lab_order v
WHERE true /*window v*/
GROUP BY v.lab_battery_id, v.lab_sample_id
HAVING count(*) > 1
UNION ALL
SELECT 'lab_sample', max(v.lab_sample_id), 'patient and specimen number stand twice'
FROM lab_sample v
WHERE true /*window v*/
GROUP BY v.mrn_id, v.external_lab_number
HAVING count(*) > 1
UNION ALL
SELECT 'lab_battery', max(v.lab_battery_id), 'code and provider stand twice'
FROM lab_battery v
WHERE true /*window v*/
GROUP BY v.battery_code, v.lab_provider
HAVING count(*) > 1
UNION ALL
SELECT 'lab_battery_element', max(v.lab_battery_element_id), 'battery and test stand twice'
FROM lab_battery_element v
WHERE true /*window v*/
GROUP BY v.lab_battery_id, v.lab_test_definition_id
HAVING count(*) > 1
