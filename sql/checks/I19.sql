-- Plans that are called off by halves, without a time, or of an unknown kind.
SELECT 'planned_movement' AS place, v.planned_movement_id AS id, found.detail
FROM planned_movement v
CROSS JOIN LATERAL (VALUES
    (coalesce(v.cancelled, false) <> (v.cancelled_datetime IS NOT NULL), 'cancelled does not go with cancelled_datetime'),
    (v.event_datetime IS NULL AND v.cancelled_datetime IS NULL, 'neither event_datetime nor cancelled_datetime'),
    (v.event_type IS NULL OR v.event_type NOT IN ('ADMIT', 'TRANSFER', 'DISCHARGE', 'ADMISSION', 'EDIT/HOSPITAL_SERVICE_CHANGE'),
     'unknown event_type')
) AS found(is_so, detail)
WHERE found.is_so /*window v*/
