-- What the laboratories reported, corrected results with what was reported before.
SELECT identifier.mrn,
       coalesce(battery.battery_name, battery.battery_code) AS battery,
       coalesce(test.name, test.test_lab_code) AS test,
       coalesce(
           isolate.isolate_name,
           concat_ws(' ', concat(nullif(result.result_operator, '='), result.value_as_real, result.value_as_text),
                     result.units)) AS result,
       result.abnormal_flag AS flag,
       to_char(result.result_last_modified_datetime, 'HH24:MI') AS "reported at",
       coalesce(
           'first reported as ' || former.value_as_real,
           (SELECT string_agg(concat_ws(' ', agent, sensitivity), ', ' ORDER BY agent)
            FROM lab_sensitivity AS response
            WHERE response.lab_isolate_id = isolate.lab_isolate_id)) AS remarks
FROM lab_result AS result
JOIN lab_order AS request USING (lab_order_id)
JOIN lab_battery AS battery USING (lab_battery_id)
JOIN lab_test_definition AS test USING (lab_test_definition_id)
JOIN lab_sample AS sample USING (lab_sample_id)
JOIN mrn_to_live AS live ON live.mrn_id = sample.mrn_id
JOIN mrn AS identifier ON identifier.mrn_id = live.live_mrn_id
LEFT JOIN lab_isolate AS isolate USING (lab_result_id)
LEFT JOIN lab_result_audit AS former USING (lab_result_id)
ORDER BY result.result_last_modified_datetime, identifier.mrn, battery, test
