-- How urgent an admission is.

select pg_temp.audited_column('hospital_visit', 'admission_type', 'varchar(255)');
comment on column hospital_visit.admission_type is 'How urgent the admission is (HL7 PV1-4); null if not stated.';
select pg_temp.describe_common_columns();
