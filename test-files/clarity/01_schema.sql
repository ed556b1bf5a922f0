-- Tables of the invented reporting database, on SQL Server 2019 or later.
-- May be run again: what is there is dropped first.
DROP TABLE IF EXISTS dbo.rpt_load_status
GO
CREATE TABLE dbo.rpt_load_status (
    loaded_until_local datetime2(0) NOT NULL
)
GO
DROP TABLE IF EXISTS dbo.rpt_code_label
GO
CREATE TABLE dbo.rpt_code_label (
    code_set varchar(30) NOT NULL,
    code int NOT NULL,
    label varchar(80) NOT NULL,
    PRIMARY KEY (code_set, code)
)
GO
DROP TABLE IF EXISTS dbo.rpt_patient
GO
CREATE TABLE dbo.rpt_patient (
    patient_ref varchar(20) NOT NULL,
    hospital_number varchar(25) NULL,
    nhs_number varchar(10) NULL,
    PRIMARY KEY (patient_ref)
)
GO
DROP TABLE IF EXISTS dbo.rpt_visit
GO
CREATE TABLE dbo.rpt_visit (
    visit_ref bigint NOT NULL,
    patient_ref varchar(20) NOT NULL,
    visit_number varchar(25) NOT NULL,
    PRIMARY KEY (visit_ref)
)
GO
DROP TABLE IF EXISTS dbo.rpt_change_log
GO
CREATE TABLE dbo.rpt_change_log (
    entity varchar(20) NOT NULL,
    entity_no bigint NOT NULL,
    changed_at_local datetime2(0) NOT NULL
)
GO
DROP TABLE IF EXISTS dbo.rpt_infection_kind
GO
CREATE TABLE dbo.rpt_infection_kind (
    kind_ref int NOT NULL,
    kind_name varchar(80) NOT NULL,
    PRIMARY KEY (kind_ref)
)
GO
DROP TABLE IF EXISTS dbo.rpt_infection
GO
CREATE TABLE dbo.rpt_infection (
    infection_no bigint NOT NULL,
    patient_ref varchar(20) NOT NULL,
    visit_ref bigint NULL,
    kind_ref int NOT NULL,
    state_code int NOT NULL,
    added_at_local datetime2(0) NULL,
    resolved_at_local datetime2(0) NULL,
    onset_on date NULL,
    note_text varchar(max) NULL,
    PRIMARY KEY (infection_no)
)
GO
DROP TABLE IF EXISTS dbo.rpt_diagnosis
GO
CREATE TABLE dbo.rpt_diagnosis (
    diagnosis_ref bigint NOT NULL,
    title varchar(200) NOT NULL,
    PRIMARY KEY (diagnosis_ref)
)
GO
DROP TABLE IF EXISTS dbo.rpt_diagnosis_code
GO
CREATE TABLE dbo.rpt_diagnosis_code (
    diagnosis_ref bigint NOT NULL,
    line int NOT NULL,
    scheme varchar(10) NOT NULL,
    code varchar(20) NOT NULL
)
GO
DROP TABLE IF EXISTS dbo.rpt_problem
GO
CREATE TABLE dbo.rpt_problem (
    problem_no bigint NOT NULL,
    patient_ref varchar(20) NOT NULL,
    visit_ref bigint NULL,
    diagnosis_ref bigint NOT NULL,
    state_code int NOT NULL,
    entered_on date NOT NULL,
    onset_on date NULL,
    resolved_on date NULL,
    note_text varchar(max) NULL,
    PRIMARY KEY (problem_no)
)
GO
DROP TABLE IF EXISTS dbo.rpt_allergen
GO
CREATE TABLE dbo.rpt_allergen (
    allergen_ref int NOT NULL,
    allergen_name varchar(200) NOT NULL,
    kind_code int NOT NULL,
    PRIMARY KEY (allergen_ref)
)
GO
DROP TABLE IF EXISTS dbo.rpt_allergy
GO
CREATE TABLE dbo.rpt_allergy (
    allergy_no bigint NOT NULL,
    patient_ref varchar(20) NOT NULL,
    visit_ref bigint NULL,
    allergen_ref int NOT NULL,
    severity_code int NULL,
    state_code int NOT NULL,
    added_at_local datetime2(0) NOT NULL,
    onset_on date NULL,
    note_text varchar(max) NULL,
    PRIMARY KEY (allergy_no)
)
GO
DROP TABLE IF EXISTS dbo.rpt_allergy_reaction
GO
CREATE TABLE dbo.rpt_allergy_reaction (
    allergy_no bigint NOT NULL,
    line int NOT NULL,
    reaction_name varchar(80) NOT NULL
)
GO
DROP TABLE IF EXISTS dbo.rpt_order_item
GO
CREATE TABLE dbo.rpt_order_item (
    item_ref bigint NOT NULL,
    item_code varchar(20) NOT NULL,
    item_name varchar(200) NOT NULL,
    category varchar(30) NOT NULL,
    changed_at_local datetime2(0) NULL,
    PRIMARY KEY (item_ref)
)
GO
DROP TABLE IF EXISTS dbo.rpt_consult_order
GO
CREATE TABLE dbo.rpt_consult_order (
    order_no bigint NOT NULL,
    patient_ref varchar(20) NOT NULL,
    visit_ref bigint NOT NULL,
    item_ref bigint NOT NULL,
    state_code int NOT NULL,
    status_changed_at_local datetime2(0) NOT NULL,
    scheduled_at_local datetime2(0) NOT NULL,
    PRIMARY KEY (order_no)
)
GO
DROP TABLE IF EXISTS dbo.rpt_consult_comment
GO
CREATE TABLE dbo.rpt_consult_comment (
    order_no bigint NOT NULL,
    line int NOT NULL,
    line_text varchar(max) NULL
)
GO
DROP TABLE IF EXISTS dbo.rpt_consult_answer
GO
CREATE TABLE dbo.rpt_consult_answer (
    order_no bigint NOT NULL,
    question_ref int NOT NULL,
    line int NOT NULL,
    line_text varchar(max) NULL
)
GO
DROP TABLE IF EXISTS dbo.rpt_question
GO
CREATE TABLE dbo.rpt_question (
    question_ref int NOT NULL,
    question_text varchar(200) NOT NULL,
    PRIMARY KEY (question_ref)
)
GO
DROP TABLE IF EXISTS dbo.rpt_unit
GO
CREATE TABLE dbo.rpt_unit (
    unit_no bigint NOT NULL,
    unit_hl7 varchar(50) NOT NULL,
    unit_name varchar(200) NOT NULL,
    specialty_code int NULL,
    state_code int NULL,
    changed_at_local datetime2(0) NULL,
    PRIMARY KEY (unit_no)
)
GO
DROP TABLE IF EXISTS dbo.rpt_unit_contact
GO
CREATE TABLE dbo.rpt_unit_contact (
    unit_no bigint NOT NULL,
    contact_seq int NOT NULL,
    contact_at_local datetime2(0) NOT NULL
)
GO
DROP TABLE IF EXISTS dbo.rpt_unit_specialty_log
GO
CREATE TABLE dbo.rpt_unit_specialty_log (
    unit_no bigint NOT NULL,
    changed_at_local datetime2(0) NOT NULL,
    old_specialty_code int NULL,
    new_specialty_code int NULL
)
GO
DROP TABLE IF EXISTS dbo.rpt_room
GO
CREATE TABLE dbo.rpt_room (
    room_ref bigint NOT NULL,
    unit_no bigint NOT NULL,
    room_hl7 varchar(50) NOT NULL,
    room_name varchar(100) NOT NULL,
    PRIMARY KEY (room_ref)
)
GO
DROP TABLE IF EXISTS dbo.rpt_room_contact
GO
CREATE TABLE dbo.rpt_room_contact (
    room_contact_no bigint NOT NULL,
    room_ref bigint NOT NULL,
    contact_at_local datetime2(0) NOT NULL,
    is_ready bit NOT NULL,
    state_code int NULL,
    PRIMARY KEY (room_contact_no)
)
GO
DROP TABLE IF EXISTS dbo.rpt_bed
GO
CREATE TABLE dbo.rpt_bed (
    bed_ref bigint NOT NULL,
    room_ref bigint NOT NULL,
    bed_hl7 varchar(50) NOT NULL,
    PRIMARY KEY (bed_ref)
)
GO
DROP TABLE IF EXISTS dbo.rpt_bed_contact
GO
CREATE TABLE dbo.rpt_bed_contact (
    bed_contact_no bigint NOT NULL,
    bed_ref bigint NOT NULL,
    contact_at_local datetime2(0) NOT NULL,
    state_code int NULL,
    is_bunk bit NOT NULL,
    in_census bit NOT NULL,
    is_pool bit NOT NULL,
    facility_code int NULL,
    PRIMARY KEY (bed_contact_no)
)
GO
DROP TABLE IF EXISTS dbo.rpt_interface_item
GO
CREATE TABLE dbo.rpt_interface_item (
    interface_code varchar(30) NOT NULL,
    item_name varchar(200) NOT NULL,
    created_on date NOT NULL,
    in_feed bit NOT NULL,
    PRIMARY KEY (interface_code)
)
GO
DROP TABLE IF EXISTS dbo.rpt_interface_item_map
GO
CREATE TABLE dbo.rpt_interface_item_map (
    interface_code varchar(30) NOT NULL,
    line int NOT NULL,
    row_code varchar(30) NULL
)
GO
DROP TABLE IF EXISTS dbo.rpt_lab_orderable
GO
CREATE TABLE dbo.rpt_lab_orderable (
    orderable_no bigint NOT NULL,
    order_code varchar(30) NOT NULL,
    orderable_name varchar(200) NOT NULL,
    lab_system varchar(30) NOT NULL,
    created_at_utc datetime2(3) NOT NULL,
    updated_at_utc datetime2(3) NULL,
    PRIMARY KEY (orderable_no)
)
GO
DROP TABLE IF EXISTS dbo.rpt_lab_component
GO
CREATE TABLE dbo.rpt_lab_component (
    component_no bigint NOT NULL,
    result_code varchar(30) NOT NULL,
    component_name varchar(200) NOT NULL,
    lab_system varchar(30) NOT NULL,
    created_at_utc datetime2(3) NOT NULL,
    updated_at_utc datetime2(3) NULL,
    PRIMARY KEY (component_no)
)
GO
DROP TABLE IF EXISTS dbo.rpt_form
GO
CREATE TABLE dbo.rpt_form (
    form_no bigint NOT NULL,
    form_title varchar(200) NOT NULL,
    patient_title varchar(200) NULL,
    effective_from_local datetime2(0) NULL,
    PRIMARY KEY (form_no)
)
GO
DROP TABLE IF EXISTS dbo.rpt_form_item
GO
CREATE TABLE dbo.rpt_form_item (
    item_code varchar(30) NOT NULL,
    item_title varchar(200) NOT NULL,
    short_title varchar(80) NULL,
    effective_from_local datetime2(0) NULL,
    PRIMARY KEY (item_code)
)
GO
DROP TABLE IF EXISTS dbo.rpt_form_item_text
GO
CREATE TABLE dbo.rpt_form_item_text (
    item_code varchar(30) NOT NULL,
    line int NOT NULL,
    line_text varchar(max) NOT NULL
)
GO
