-- Analysts ask for periods.

select pg_temp.ensure_index('admissiondatetimeindex', 'hospital_visit', 'admission_datetime');
select pg_temp.ensure_index('dischargedatetimeindex', 'hospital_visit', 'discharge_datetime');
select pg_temp.ensure_index('lv_admission_datetime', 'location_visit', 'admission_datetime');
select pg_temp.ensure_index('lv_discharge_datetime', 'location_visit', 'discharge_datetime');
-- Observations of a visit and a type are found in order of time by their natural key.
