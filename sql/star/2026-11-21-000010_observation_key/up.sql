-- An observation is looked up by what was observed, during which visit and when.

select pg_temp.ensure_natural_key(
    'visit_observation_natural_key', 'visit_observation',
    'hospital_visit_id, visit_observation_type_id, observation_datetime');
