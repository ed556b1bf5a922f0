-- Invented data, all times UTC.
INSERT INTO dbo.wh_load_status (loaded_until_utc) VALUES ('2021-08-01T00:00:00.000')
GO
-- The first person has an older row with another number.
INSERT INTO dbo.wh_person (person_key, version, hospital_number, nhs_number, is_latest) VALUES
(1, 1, 'OLD1', NULL, 0),
(1, 2, 'MRN1', '1111111111', 1),
(2, 1, NULL, '2222222222', 1),
(3, 1, 'MRN3', NULL, 1),
(4, 1, NULL, '', 1)
GO
INSERT INTO dbo.wh_visit (visit_key, person_key, visit_number) VALUES (901, 1, 'V901')
GO
-- Opted out; no longer; of an unknown time; of a person without any number.
INSERT INTO dbo.wh_research_choice (choice_key, person_key, opted_out, changed_at_utc) VALUES
(1, 1, 1, '2021-01-01T00:00:00.000'),
(2, 2, 0, '2021-01-02T00:00:00.250'),
(3, 3, 1, NULL),
(4, 4, 1, '2021-01-02T00:00:00.250')
GO
INSERT INTO dbo.wh_chart_row
(row_code, row_name, display_name, value_kind, unit, row_description, created_at_utc, updated_at_utc) VALUES
('5', 'TEMP', 'Temperature', 'Numeric Type', 'C', '*Unknown', '2019-01-01T00:00:00.000', '2021-06-01T00:00:00.123'),
('7', 'DATE OF LAST FIT', 'Last fit', 'Date', '', 'Day of the last fit', '2019-01-01T00:00:00.000', '2019-01-01T00:00:00.000'),
('2281', 'TIME OF FEED', 'Feed', 'Time', '', '*Unknown', '2019-01-01T00:00:00.000', '2021-06-01T00:00:00.123')
GO
-- All changed within the first hour of 1 May 2021. Row 5 came live on 24 March 2020 at 17:00.
INSERT INTO dbo.wh_chart_value
(value_key, visit_key, row_code, value_text, value_number, value_on, comment_text, observed_at_utc, updated_at_utc) VALUES
(1001, 901, '7', '2021-02-28', NULL, '2021-02-28', NULL, '2021-03-01T10:00:00.000', '2021-05-01T00:00:00.000'),
(1002, 901, '2281', ' 12:30 ', NULL, NULL, 'by bottle', '2021-03-01T10:00:00.000', '2021-05-01T00:00:00.001'),
(1003, 901, '5', '36.6', 36.6, NULL, NULL, '2020-03-24T16:59:59.999', '2021-05-01T00:00:00.001'),
(1004, 901, '5', '36.7', 36.7, NULL, NULL, '2020-03-24T17:00:00.000', '2021-05-01T00:10:00.000'),
(1005, 901, '999', 'not asked for', NULL, NULL, NULL, '2020-03-01T00:00:00.000', '2021-05-01T00:10:00.000'),
(1006, 901, '5', 'n/a', NULL, NULL, NULL, '2020-03-01T00:00:00.000', '2021-05-01T00:20:00.000'),
(1007, 901, '7', NULL, NULL, NULL, '', '2021-03-01T10:00:00.000', '2021-05-01T00:30:00.000'),
(1008, 902, '7', NULL, NULL, '2021-01-01', NULL, '2021-03-01T10:00:00.000', '2021-05-01T00:59:59.999')
GO
