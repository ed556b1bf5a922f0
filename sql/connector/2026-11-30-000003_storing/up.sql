-- Storing a group of messages in one call, so that a sender that waits for each answer waits for one trip to the server.

-- Every list has an element for each message, in the order of receipt; those from is_appended on may be empty if nothing
-- goes to the message store. That is the table tbl_ids_master of the connection's search path. Its timestamp columns get
-- the local time of the connection's zone, and its numbers are taken as emap_ids::append_within takes them.
--
-- Gives the keys of messages whose control id was known, from before or from the same group: they are stored without it,
-- with the answer that says so, and nowhere else.
create or replace function connector_store(
    uuids text[], actors text[], contents text[], message_types text[], times timestamp[], control_ids text[],
    acks text[], duplicate_acks text[], identifier_sets text[], correlation_ids text[], documents text[],
    is_appended boolean[], given_names text[], surnames text[], births timestamptz[], nhs_numbers text[],
    hospital_numbers text[], classes text[], locations text[], triggers text[], senders text[],
    admissions timestamptz[], discharges timestamptz[], versions text[]
) returns text[] language plpgsql as $$
declare
    repeated text[];
    highest bigint;
begin
    with stored as (
        insert into public.hl7_message (uuid, created, created_by_, modified, modified_by_, content, message_type,
            is_processed, src_description, dst_description, sent_at_, message_control_id, ack, patient_identifiers)
        select uuid, moment, actor, moment, actor, content, message_type, false, 'tie', 'dhos', sent_at, control_id, ack,
               identifiers::json
          from (select timezone('UTC', clock_timestamp()) as moment) as present,
               unnest(uuids, actors, contents, message_types, times, control_ids, acks, identifier_sets) with ordinality
                   as new (uuid, actor, content, message_type, sent_at, control_id, ack, identifiers, place)
         order by place
        on conflict (message_control_id) do nothing
        returning hl7_message.uuid)
    select coalesce(array_agg(given), '{}') into repeated
      from unnest(uuids) as given where given not in (select stored.uuid from stored);

    if cardinality(repeated) > 0 then
        insert into public.hl7_message (uuid, created, created_by_, modified, modified_by_, content, message_type,
            is_processed, src_description, dst_description, sent_at_, ack, patient_identifiers)
        select uuid, moment, actor, moment, actor, content, message_type, false, 'tie', 'dhos', sent_at, ack,
               identifiers::json
          from (select timezone('UTC', clock_timestamp()) as moment) as present,
               unnest(uuids, actors, contents, message_types, times, duplicate_acks, identifier_sets) with ordinality
                   as new (uuid, actor, content, message_type, sent_at, ack, identifiers, place)
         where uuid = any (repeated)
         order by place;
    end if;

    insert into public.connector_outbox (message_uuid, correlation_id, body)
    select uuid, correlation_id, document
      from unnest(uuids, correlation_ids, documents) with ordinality as new (uuid, correlation_id, document, place)
     where document is not null and uuid <> all (repeated)
     order by place;

    if true = any (is_appended) then
        lock table tbl_ids_master in share row exclusive mode;
        highest := greatest(0, (select max(unid) from tbl_ids_master));
        insert into tbl_ids_master (unid, patientname, patientsurname, dateofbirth, nhsnumber, hospitalnumber,
            patientclass, patientlocation, messagetype, senderapplication, messageidentifier, messagedatetime,
            hl7message, persistdatetime, admissiondate, dischargedate, messageversion)
        select highest + row_number() over (order by place), given_name, surname, birth, nhs_number, hospital_number,
               class, location, trigger, sender, left(control_id, 255), sent_at at time zone 'UTC', content,
               clock_timestamp(), admission, discharge, version
          from unnest(uuids, contents, times, control_ids, is_appended, given_names, surnames, births, nhs_numbers,
                      hospital_numbers, classes, locations, triggers, senders, admissions, discharges, versions)
                   with ordinality
                   as new (uuid, content, sent_at, control_id, appended, given_name, surname, birth, nhs_number,
                           hospital_number, class, location, trigger, sender, admission, discharge, version, place)
         where appended and uuid <> all (repeated)
         order by place;
    end if;
    return repeated;
end
$$;

comment on function connector_store is 'Stores messages that came in, with what is to be published and what is appended to the message store.';
