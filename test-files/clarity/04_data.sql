-- Invented data. Times are those of the hospital's clocks unless a column says UTC.
INSERT INTO dbo.rpt_load_status (loaded_until_local) VALUES ('2021-08-01 00:00:00')
GO
INSERT INTO dbo.rpt_patient (patient_ref, hospital_number, nhs_number) VALUES
('P1', 'MRN1', '1111111111'),
('P2', 'MRN2', NULL),
('P3', NULL, '3333333333')
GO
INSERT INTO dbo.rpt_visit (visit_ref, patient_ref, visit_number) VALUES (901, 'P1', 'V901')
GO
-- Departments: three changes of speciality; a deleted one without any; one without any time; one of an unknown state.
INSERT INTO dbo.rpt_unit (unit_no, unit_hl7, unit_name, specialty_code, state_code, changed_at_local) VALUES
(1, 'W1', 'Ward One', 4, NULL, NULL),
(2, '4711', 'Clinic', NULL, 7, '2021-01-05 10:00:00'),
(3, 'W3', 'Ward Three', 3, 1, NULL),
(4, 'W4', 'Ward Four', 1, 99, NULL)
GO
INSERT INTO dbo.rpt_unit_contact (unit_no, contact_seq, contact_at_local) VALUES
(1, 1, '2020-06-01 00:00:00'),
(1, 2, '2020-09-01 00:00:00'),
(2, 1, '2020-01-01 00:00:00'),
(4, 1, '2021-04-01 00:00:00')
GO
INSERT INTO dbo.rpt_unit_specialty_log (unit_no, changed_at_local, old_specialty_code, new_specialty_code) VALUES
(1, '2021-01-01 00:00:00', NULL, 1),
(1, '2021-02-01 00:00:00', 1, 2),
(1, '2021-03-01 00:00:00', 2, 4)
GO
-- Places: a bed with contacts before, between and at those of its room; a place of a pool; a room without beds.
INSERT INTO dbo.rpt_room (room_ref, unit_no, room_hl7, room_name) VALUES
(11, 1, 'R1', 'Room One'),
(12, 1, 'R2', 'Store')
GO
INSERT INTO dbo.rpt_room_contact (room_contact_no, room_ref, contact_at_local, is_ready, state_code) VALUES
(111, 11, '2021-01-10 09:00:00', 1, 1),
(112, 11, '2021-02-10 09:00:00', 0, 7),
(121, 12, '2021-01-11 08:00:00', 1, NULL)
GO
INSERT INTO dbo.rpt_bed (bed_ref, room_ref, bed_hl7) VALUES
(1101, 11, 'B1'),
(1102, 11, 'P1')
GO
INSERT INTO dbo.rpt_bed_contact
(bed_contact_no, bed_ref, contact_at_local, state_code, is_bunk, in_census, is_pool, facility_code) VALUES
(5000, 1101, '2021-01-01 00:00:00', 1, 0, 1, 0, NULL),
(5001, 1101, '2021-01-10 10:00:00', NULL, 0, 1, 0, NULL),
(5002, 1101, '2021-02-09 10:00:00', 2, 0, 0, 0, NULL),
(5003, 1101, '2021-02-10 09:00:00', 1, 1, 0, 0, NULL),
(5004, 1102, '2021-02-11 10:00:00', 7, 0, 0, 1, 2)
GO
-- Infections: two that were changed in the night to 11 June, one of them again a night later; one with only the time of
-- its end; one without any time; one of a patient without a hospital number.
INSERT INTO dbo.rpt_infection_kind (kind_ref, kind_name) VALUES
(1, 'MRSA'),
(2, 'Flu')
GO
INSERT INTO dbo.rpt_infection
(infection_no, patient_ref, visit_ref, kind_ref, state_code, added_at_local, resolved_at_local, onset_on, note_text) VALUES
(21, 'P1', NULL, 1, 2, '2021-06-01 10:00:00', '2021-06-10 12:00:00', '2021-05-30', NULL),
(22, 'P1', 901, 2, 3, '2021-06-02 09:00:00', NULL, NULL, 'entered in error'),
(23, 'P2', NULL, 2, 2, NULL, '2021-07-01 08:00:00', NULL, ''),
(24, 'P2', NULL, 1, 1, NULL, NULL, NULL, NULL),
(25, 'P3', NULL, 1, 1, '2021-06-02 09:00:00', NULL, NULL, NULL)
GO
INSERT INTO dbo.rpt_change_log (entity, entity_no, changed_at_local) VALUES
('INFECTION', 21, '2021-06-11 03:00:00'),
('INFECTION', 21, '2021-06-12 03:00:00'),
('INFECTION', 22, '2021-06-11 03:00:00'),
('INFECTION', 25, '2021-06-11 03:00:00'),
('PROBLEM', 42, '2021-06-05 02:00:00'),
('ALLERGY', 61, '2021-06-15 01:00:00'),
('ALLERGY', 61, '2021-06-15 01:00:00'),
('ALLERGY', 62, '2021-06-15 01:00:00')
GO
-- Problems: one known by its day only, in summer; a deleted one; one whose diagnosis has no ICD-10 code.
INSERT INTO dbo.rpt_diagnosis (diagnosis_ref, title) VALUES
(31, 'Asthma'),
(32, 'Unclear')
GO
INSERT INTO dbo.rpt_diagnosis_code (diagnosis_ref, line, scheme, code) VALUES
(31, 1, 'SNOMED', '195967001'),
(31, 3, 'ICD10', 'J45.9'),
(31, 2, 'ICD10', 'J45.0')
GO
INSERT INTO dbo.rpt_problem
(problem_no, patient_ref, visit_ref, diagnosis_ref, state_code, entered_on, onset_on, resolved_on, note_text) VALUES
(41, 'P1', 901, 31, 1, '2021-06-01', NULL, '2021-06-20', NULL),
(42, 'P2', NULL, 31, 2, '2021-06-03', '2021-05-01', NULL, 'by mistake'),
(43, 'P2', NULL, 32, 3, '2021-06-01', NULL, NULL, NULL)
GO
-- Allergies: two reactions and a change that is on record twice; one reaction, deleted; none.
INSERT INTO dbo.rpt_allergen (allergen_ref, allergen_name, kind_code) VALUES
(51, 'PENICILLIN', 1),
(52, 'PEANUT', 2)
GO
INSERT INTO dbo.rpt_allergy
(allergy_no, patient_ref, visit_ref, allergen_ref, severity_code, state_code, added_at_local, onset_on, note_text) VALUES
(61, 'P1', NULL, 51, 1, 2, '2021-06-01 11:00:00', '2020-01-01', NULL),
(62, 'P1', 901, 52, NULL, 1, '2021-06-02 11:00:00', NULL, 'by mistake'),
(63, 'P2', NULL, 52, 3, 2, '2021-06-15 01:00:00', NULL, NULL)
GO
INSERT INTO dbo.rpt_allergy_reaction (allergy_no, line, reaction_name) VALUES
(61, 2, 'Swelling'),
(61, 1, 'Rash'),
(62, 1, 'Itching')
GO
-- Consults: cancelled, with neither comments nor questions; open, with both; closed at discharge, with questions only.
INSERT INTO dbo.rpt_order_item (item_ref, item_code, item_name, category, changed_at_local) VALUES
(71, 'CON71', 'Cardiology', 'INPATIENT CONSULT', '2021-05-02 03:04:05'),
(72, 'CON72', 'Speech therapy', 'THERAPY CONSULT', NULL),
(73, 'PHA73', 'Review of medicines', 'PHARMACY REVIEW', '2021-05-02 03:04:05')
GO
INSERT INTO dbo.rpt_consult_order
(order_no, patient_ref, visit_ref, item_ref, state_code, status_changed_at_local, scheduled_at_local) VALUES
(81, 'P1', 901, 71, 2, '2021-06-20 10:00:00', '2021-06-21 09:00:00'),
(82, 'P1', 901, 71, 1, '2021-06-20 11:00:00', '2021-06-21 09:00:00'),
(83, 'P1', 901, 72, 3, '2021-06-20 11:00:00', '2021-06-21 09:00:00')
GO
INSERT INTO dbo.rpt_question (question_ref, question_text) VALUES
(1, 'Reason?'),
(2, 'Urgent?')
GO
INSERT INTO dbo.rpt_consult_comment (order_no, line, line_text) VALUES
(82, 1, NULL),
(82, 2, 'first'),
(82, 3, NULL),
(82, 4, 'last')
GO
INSERT INTO dbo.rpt_consult_answer (order_no, question_ref, line, line_text) VALUES
(82, 1, 2, 'for weeks'),
(82, 1, 1, 'cough'),
(82, 2, 1, NULL),
(83, 1, 1, 'fall')
GO
-- Ids of the interface: one pair with different ids; one that is not of this feed; one that is not mapped.
INSERT INTO dbo.rpt_interface_item (interface_code, item_name, created_on, in_feed) VALUES
('9', 'Pulse', '2021-06-01', 1),
('10', 'Temperature', '2021-06-01', 1),
('11', 'Weight', '2021-06-01', 0),
('12', 'Height', '2021-06-02', 1)
GO
INSERT INTO dbo.rpt_interface_item_map (interface_code, line, row_code) VALUES
('9', 1, '9'),
('10', 1, '5'),
('11', 1, '11'),
('12', 1, NULL)
GO
-- Codes of laboratories, in UTC: changed in summer; never changed; of a system that nobody knows.
INSERT INTO dbo.rpt_lab_orderable (orderable_no, order_code, orderable_name, lab_system, created_at_utc, updated_at_utc) VALUES
(1, 'FBC', 'Full blood count', 'WIN_PATH', '2020-01-02T00:00:00.000', '2021-06-01T12:00:00.500'),
(2, 'XCHE', 'X-ray chest', 'PACS', '2020-01-01T00:00:00.000', NULL),
(3, 'ODD', 'Odd', 'ELSEWHERE', '2020-01-01T00:00:00.000', NULL)
GO
INSERT INTO dbo.rpt_lab_component (component_no, result_code, component_name, lab_system, created_at_utc, updated_at_utc) VALUES
(1, 'HB', 'Haemoglobin', 'WIN_PATH', '2020-01-01T00:00:00.000', NULL),
(2, '2339-0', 'Glucose', 'BIO_CONNECT', '2020-01-01T00:00:00.000', '2019-01-01T00:00:00.000')
GO
INSERT INTO dbo.rpt_form (form_no, form_title, patient_title, effective_from_local) VALUES
(91, 'Wound review', NULL, '2021-06-01 09:00:00'),
(92, 'Pain', 'Your pain', NULL)
GO
INSERT INTO dbo.rpt_form_item (item_code, item_title, short_title, effective_from_local) VALUES
('SITE#12', 'Size of the wound', 'Size', '2021-06-01 09:00:00'),
('SITE#13', 'Pain', NULL, NULL)
GO
INSERT INTO dbo.rpt_form_item_text (item_code, line, line_text) VALUES
('SITE#12', 2, 'in centimetres'),
('SITE#12', 1, 'Length of the wound')
GO
