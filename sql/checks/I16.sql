-- An isolate of a result that is no culture.
SELECT 'lab_isolate' AS place, v.lab_isolate_id AS id, 'its result is not of type link/lab_isolate' AS detail
FROM lab_isolate v JOIN lab_result r USING (lab_result_id)
WHERE r.mime_type IS DISTINCT FROM 'link/lab_isolate' /*window v*/
