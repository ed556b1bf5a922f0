-- What the mark of a deletion does not say.

comment on column patient_condition.is_deleted is
    'True once a message with the action DELETE took the entry back: of allergies and of problems that were active. Not set '
    'for infections, nor for entries that the reporting database deleted: their `status` says `Deleted`.';
comment on column patient_condition_audit.is_deleted is
    'True once a message with the action DELETE took the entry back: of allergies and of problems that were active. Not set '
    'for infections, nor for entries that the reporting database deleted: their `status` says `Deleted`.';
