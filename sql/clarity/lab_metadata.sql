-- Codes of laboratories. @P1 lower bound, UTC; @P3 = 1 on the first pass; @P4 = 'BATTERY' or 'TEST'.
IF @P4 = 'BATTERY'
    SELECT
        o.orderable_no AS row_no,
        o.order_code AS short_code,
        o.orderable_name AS full_name,
        o.lab_system,
        o.created_at_utc,
        o.updated_at_utc
    FROM dbo.rpt_lab_orderable AS o
    WHERE @P3 = 1 OR o.created_at_utc > @P1 OR o.updated_at_utc > @P1
    ORDER BY
        CASE
            WHEN @P3 = 1 OR o.updated_at_utc IS NULL OR o.updated_at_utc < o.created_at_utc THEN o.created_at_utc
            ELSE o.updated_at_utc
        END,
        o.orderable_no
ELSE
    SELECT
        c.component_no AS row_no,
        c.result_code AS short_code,
        c.component_name AS full_name,
        c.lab_system,
        c.created_at_utc,
        c.updated_at_utc
    FROM dbo.rpt_lab_component AS c
    WHERE @P3 = 1 OR c.created_at_utc > @P1 OR c.updated_at_utc > @P1
    ORDER BY
        CASE
            WHEN @P3 = 1 OR c.updated_at_utc IS NULL OR c.updated_at_utc < c.created_at_utc THEN c.created_at_utc
            ELSE c.updated_at_utc
        END,
        c.component_no
