-- What the reporting database knows of the demo's hospital. Invented; times are those of the hospital's clocks.
INSERT INTO dbo.rpt_load_status (loaded_until_local) VALUES ('2024-02-15 00:00:00')
GO
INSERT INTO dbo.rpt_code_label (code_set, code, label) VALUES
('SPECIALTY', 11, 'Emergency Medicine'),
('SPECIALTY', 12, 'Acute Medicine'),
('SPECIALTY', 13, 'General Surgery')
GO
INSERT INTO dbo.rpt_unit (unit_no, unit_hl7, unit_name, specialty_code, state_code, changed_at_local) VALUES
(1, 'ED', 'Emergency Department', 11, 1, NULL),
(2, 'AMU', 'Acute Medicine', 12, 1, NULL),
(3, 'SUR', 'Surgery', 13, 1, NULL),
(4, 'CAR', 'Cardiology', 1, 1, NULL)
GO
INSERT INTO dbo.rpt_unit_contact (unit_no, contact_seq, contact_at_local) VALUES
(1, 1, '2019-04-01 00:00:00'),
(2, 1, '2019-04-01 00:00:00'),
(3, 1, '2019-04-01 00:00:00'),
(4, 1, '2019-04-01 00:00:00')
GO
INSERT INTO dbo.rpt_room (room_ref, unit_no, room_hl7, room_name) VALUES
(11, 1, 'ED MAJORS', 'Majors'),
(21, 2, 'AMU BAY 1', 'Bay 1'),
(22, 2, 'AMU BAY 2', 'Bay 2'),
(31, 3, 'SUR BAY 1', 'Bay 1'),
(32, 3, 'SUR BAY 2', 'Bay 2'),
(41, 4, 'CAR BAY 1', 'Bay 1'),
(42, 4, 'CAR BAY 2', 'Bay 2')
GO
INSERT INTO dbo.rpt_room_contact (room_contact_no, room_ref, contact_at_local, is_ready, state_code) VALUES
(1011, 11, '2019-04-01 00:00:00', 1, 1),
(1021, 21, '2019-04-01 00:00:00', 1, 1),
(1022, 22, '2019-04-01 00:00:00', 1, 1),
(1031, 31, '2019-04-01 00:00:00', 1, 1),
(1032, 32, '2019-04-01 00:00:00', 1, 1),
(1041, 41, '2019-04-01 00:00:00', 1, 1),
(1042, 42, '2019-04-01 00:00:00', 1, 1)
GO
INSERT INTO dbo.rpt_bed (bed_ref, room_ref, bed_hl7) VALUES
(111, 11, 'ED-M01'),
(112, 11, 'ED-M02'),
(113, 11, 'ED-M03'),
(114, 11, 'ED-M04'),
(115, 11, 'ED-M05'),
(116, 11, 'ED-M06'),
(117, 11, 'ED-M07'),
(211, 21, 'AMU-11'),
(212, 21, 'AMU-12'),
(213, 21, 'AMU-13'),
(221, 22, 'AMU-21'),
(222, 22, 'AMU-22'),
(223, 22, 'AMU-23'),
(311, 31, 'SUR-11'),
(312, 31, 'SUR-12'),
(313, 31, 'SUR-13'),
(321, 32, 'SUR-21'),
(322, 32, 'SUR-22'),
(323, 32, 'SUR-23'),
(411, 41, 'CAR-11'),
(412, 41, 'CAR-12'),
(413, 41, 'CAR-13'),
(421, 42, 'CAR-21'),
(422, 42, 'CAR-22'),
(423, 42, 'CAR-23'),
(424, 42, 'CAR-24')
GO
INSERT INTO dbo.rpt_bed_contact
(bed_contact_no, bed_ref, contact_at_local, state_code, is_bunk, in_census, is_pool, facility_code) VALUES
(10111, 111, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10112, 112, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10113, 113, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10114, 114, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10115, 115, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10116, 116, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10117, 117, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10211, 211, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10212, 212, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10213, 213, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10221, 221, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10222, 222, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10223, 223, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10311, 311, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10312, 312, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10313, 313, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10321, 321, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10322, 322, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10323, 323, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10411, 411, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10412, 412, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10413, 413, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10421, 421, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10422, 422, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10423, 423, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL),
(10424, 424, '2019-04-01 00:00:00', 1, 0, 1, 0, NULL)
GO
INSERT INTO dbo.rpt_interface_item (interface_code, item_name, created_on, in_feed) VALUES
('5', 'PULSE', '2019-04-01', 1),
('6', 'TEMPERATURE', '2019-04-01', 1),
('8', 'BLOOD PRESSURE', '2019-04-01', 1),
('10', 'SPO2', '2019-04-01', 1)
GO
INSERT INTO dbo.rpt_interface_item_map (interface_code, line, row_code) VALUES
('5', 1, '5'),
('6', 1, '6'),
('8', 1, '8'),
('10', 1, '10')
GO
INSERT INTO dbo.rpt_lab_orderable (orderable_no, order_code, orderable_name, lab_system, created_at_utc, updated_at_utc) VALUES
(1, 'FBC', 'Full blood count', 'WIN_PATH', '2019-04-01T00:00:00.000', NULL),
(2, 'CRP', 'C-reactive protein', 'WIN_PATH', '2019-04-01T00:00:00.000', NULL),
(3, 'BC', 'Blood culture', 'WIN_PATH', '2019-04-01T00:00:00.000', NULL),
(4, 'UC', 'Urine culture', 'WIN_PATH', '2019-04-01T00:00:00.000', NULL),
(5, 'ABG', 'Blood gas', 'ABL90_FLEX_PLUS', '2019-04-01T00:00:00.000', NULL)
GO
INSERT INTO dbo.rpt_lab_component (component_no, result_code, component_name, lab_system, created_at_utc, updated_at_utc) VALUES
(1, 'HB', 'Haemoglobin', 'WIN_PATH', '2019-04-01T00:00:00.000', NULL),
(2, 'WBC', 'White cells', 'WIN_PATH', '2019-04-01T00:00:00.000', NULL),
(3, 'PLT', 'Platelets', 'WIN_PATH', '2019-04-01T00:00:00.000', NULL),
(4, 'CRP', 'C-reactive protein', 'WIN_PATH', '2019-04-01T00:00:00.000', NULL),
(5, 'ISOLATE', 'Isolate', 'WIN_PATH', '2019-04-01T00:00:00.000', NULL),
(6, 'pH', 'Acidity', 'ABL90_FLEX_PLUS', '2019-04-01T00:00:00.000', NULL),
(7, 'pO2', 'Oxygen tension', 'ABL90_FLEX_PLUS', '2019-04-01T00:00:00.000', NULL),
(8, 'Lac', 'Lactate', 'ABL90_FLEX_PLUS', '2019-04-01T00:00:00.000', NULL)
GO
INSERT INTO dbo.rpt_order_item (item_ref, item_code, item_name, category, changed_at_local) VALUES
(1, 'CONS14', 'Cardiology', 'INPATIENT CONSULT', '2019-04-01 00:00:00'),
(2, 'CONS9', 'Physiotherapy', 'THERAPY CONSULT', '2019-04-01 00:00:00'),
(3, 'CONS22', 'Pain team', 'INPATIENT CONSULT', '2019-04-01 00:00:00'),
(4, 'CONS7', 'Dietitian', 'THERAPY CONSULT', '2019-04-01 00:00:00'),
(5, 'PHARM3', 'Review of medicines', 'PHARMACY REVIEW', '2019-04-01 00:00:00')
GO
INSERT INTO dbo.rpt_form (form_no, form_title, patient_title, effective_from_local) VALUES
(501, 'Falls assessment', 'Your safety on the ward', '2019-04-01 00:00:00')
GO
INSERT INTO dbo.rpt_form_item (item_code, item_title, short_title, effective_from_local) VALUES
('FALLS#1', 'Fell within the last year', NULL, '2019-04-01 00:00:00'),
('FALLS#2', 'Score of risk', NULL, '2019-04-01 00:00:00'),
('FALLS#3', 'To be assessed again on', NULL, '2019-04-01 00:00:00'),
('FALLS#4', 'Aids', NULL, '2019-04-01 00:00:00')
GO
