-- The time up to which the reporting database is complete, hospital time.
SELECT MAX(s.loaded_until_local) AS loaded_until_local FROM dbo.rpt_load_status AS s
