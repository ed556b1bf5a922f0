-- Places: one row for each contact of a bed, for each contact of a room without beds, for each department without rooms.
-- A bed's contact goes with the room's latest contact that is not after it, or with the room's earliest if there is none.
-- @P1 lower bound, hospital time; @P3 = 1 on the first pass.
SELECT
    place.unit_no,
    place.unit_hl7,
    place.unit_contact_at_local,
    place.room_hl7,
    place.room_name,
    place.room_contact_no,
    place.room_contact_at_local,
    place.is_ready,
    place.room_state_code,
    room_state.label AS room_state_label,
    place.bed_hl7,
    place.bed_contact_no,
    place.bed_contact_at_local,
    place.bed_state_code,
    bed_state.label AS bed_state_label,
    place.is_bunk,
    place.in_census,
    place.is_pool,
    place.facility_code,
    facility.label AS facility_label
FROM (
    SELECT
        u.unit_no,
        u.unit_hl7,
        uc.unit_contact_at_local,
        r.room_hl7,
        r.room_name,
        rc.room_contact_no,
        rc.contact_at_local AS room_contact_at_local,
        rc.is_ready,
        rc.state_code AS room_state_code,
        b.bed_hl7,
        bc.bed_contact_no,
        bc.contact_at_local AS bed_contact_at_local,
        bc.state_code AS bed_state_code,
        bc.is_bunk,
        bc.in_census,
        bc.is_pool,
        bc.facility_code,
        ROW_NUMBER() OVER (
            PARTITION BY
            u.unit_no, r.room_ref, b.bed_ref, bc.bed_contact_no,
            CASE WHEN b.bed_ref IS NULL THEN rc.room_contact_no END
            ORDER BY
                CASE WHEN rc.contact_at_local <= bc.contact_at_local THEN 0 ELSE 1 END ASC,
                CASE WHEN rc.contact_at_local <= bc.contact_at_local THEN rc.contact_at_local END DESC,
                CASE WHEN rc.contact_at_local <= bc.contact_at_local THEN rc.room_contact_no END DESC,
                rc.contact_at_local ASC,
                rc.room_contact_no ASC
        ) AS choice
    FROM dbo.rpt_unit AS u
    LEFT JOIN (
        SELECT
            c.unit_no,
            MIN(c.contact_at_local) AS unit_contact_at_local
        FROM dbo.rpt_unit_contact AS c
        GROUP BY c.unit_no
    ) AS uc ON u.unit_no = uc.unit_no
    LEFT JOIN dbo.rpt_room AS r ON u.unit_no = r.unit_no
    LEFT JOIN dbo.rpt_room_contact AS rc ON r.room_ref = rc.room_ref
    LEFT JOIN dbo.rpt_bed AS b ON r.room_ref = b.room_ref
    LEFT JOIN dbo.rpt_bed_contact AS bc ON b.bed_ref = bc.bed_ref
) AS place
LEFT JOIN dbo.rpt_code_label AS room_state
    ON room_state.code_set = 'RECORD_STATE' AND place.room_state_code = room_state.code
LEFT JOIN dbo.rpt_code_label AS bed_state
    ON bed_state.code_set = 'RECORD_STATE' AND place.bed_state_code = bed_state.code
LEFT JOIN dbo.rpt_code_label AS facility
    ON facility.code_set = 'BED_FACILITY' AND place.facility_code = facility.code
WHERE
    place.choice = 1
    AND (
        @P3 = 1
        OR COALESCE(place.bed_contact_at_local, place.room_contact_at_local, place.unit_contact_at_local) > @P1
    )
ORDER BY
    COALESCE(place.bed_contact_at_local, place.room_contact_at_local, place.unit_contact_at_local),
    COALESCE(place.bed_contact_no, place.room_contact_no, place.unit_no)
