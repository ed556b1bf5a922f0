-- What the warehouse knows of the demo's hospital. Invented; times are UTC.
INSERT INTO dbo.wh_load_status (loaded_until_utc) VALUES
('2024-02-15T00:00:00.000')
GO
INSERT INTO dbo.wh_person (person_key, version, hospital_number, nhs_number, is_latest) VALUES
(1, 1, '40010060', '9998477255', 1)
GO
-- The only one of the day's patients who opted out of research.
INSERT INTO dbo.wh_research_choice (choice_key, person_key, opted_out, changed_at_utc) VALUES
(1, 1, 1, '2023-11-20T10:15:00.000')
GO
INSERT INTO dbo.wh_chart_row
(row_code, row_name, display_name, value_kind, unit, row_description, created_at_utc, updated_at_utc) VALUES
('5', 'PULSE', 'Pulse', 'Numeric Type', '/min', '', '2019-04-01T00:00:00.000', '2019-04-01T00:00:00.000'),
('6', 'TEMPERATURE', 'Temperature', 'Numeric Type', 'C', '', '2019-04-01T00:00:00.000', '2019-04-01T00:00:00.000'),
('8', 'BLOOD PRESSURE', 'Blood pressure', 'String Type', 'mmHg', '', '2019-04-01T00:00:00.000', '2019-04-01T00:00:00.000'),
('10', 'SPO2', 'Oxygen saturation', 'Numeric Type', '%', '', '2019-04-01T00:00:00.000', '2019-04-01T00:00:00.000')
GO
