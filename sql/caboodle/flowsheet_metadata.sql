-- Definitions of flowsheet rows. @P1 lower bound, UTC; @P3 = 1 on the first pass.
SELECT
    r.row_code,
    r.row_name,
    r.display_name,
    r.value_kind,
    r.unit,
    r.row_description,
    r.created_at_utc,
    r.updated_at_utc
FROM dbo.wh_chart_row AS r
WHERE @P3 = 1 OR r.updated_at_utc > @P1
ORDER BY r.updated_at_utc, r.row_code
