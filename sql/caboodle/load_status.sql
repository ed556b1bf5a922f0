-- The time up to which the warehouse is complete, UTC.
SELECT MAX(s.loaded_until_utc) AS loaded_until_utc FROM dbo.wh_load_status AS s
