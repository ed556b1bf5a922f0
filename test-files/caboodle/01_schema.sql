-- Tables of the invented warehouse, on SQL Server 2019 or later.
-- May be run again: what is there is dropped first.
DROP TABLE IF EXISTS dbo.wh_load_status
GO
CREATE TABLE dbo.wh_load_status (
    loaded_until_utc datetime2(3) NOT NULL
)
GO
DROP TABLE IF EXISTS dbo.wh_person
GO
CREATE TABLE dbo.wh_person (
    person_key bigint NOT NULL,
    version int NOT NULL,
    hospital_number varchar(25) NULL,
    nhs_number varchar(10) NULL,
    is_latest bit NOT NULL,
    PRIMARY KEY (person_key, version)
)
GO
DROP TABLE IF EXISTS dbo.wh_visit
GO
CREATE TABLE dbo.wh_visit (
    visit_key bigint NOT NULL,
    person_key bigint NOT NULL,
    visit_number varchar(25) NOT NULL,
    PRIMARY KEY (visit_key)
)
GO
DROP TABLE IF EXISTS dbo.wh_research_choice
GO
CREATE TABLE dbo.wh_research_choice (
    choice_key bigint NOT NULL,
    person_key bigint NOT NULL,
    opted_out bit NOT NULL,
    changed_at_utc datetime2(3) NULL,
    PRIMARY KEY (choice_key)
)
GO
DROP TABLE IF EXISTS dbo.wh_chart_row
GO
CREATE TABLE dbo.wh_chart_row (
    row_code varchar(30) NOT NULL,
    row_name varchar(200) NOT NULL,
    display_name varchar(200) NOT NULL,
    value_kind varchar(30) NOT NULL,
    unit varchar(30) NOT NULL,
    row_description varchar(max) NOT NULL,
    created_at_utc datetime2(3) NOT NULL,
    updated_at_utc datetime2(3) NOT NULL,
    PRIMARY KEY (row_code)
)
GO
DROP TABLE IF EXISTS dbo.wh_chart_value
GO
CREATE TABLE dbo.wh_chart_value (
    value_key bigint NOT NULL,
    visit_key bigint NOT NULL,
    row_code varchar(30) NOT NULL,
    value_text varchar(max) NULL,
    value_number float NULL,
    value_on date NULL,
    comment_text varchar(max) NULL,
    observed_at_utc datetime2(3) NOT NULL,
    updated_at_utc datetime2(3) NOT NULL,
    PRIMARY KEY (value_key)
)
GO
