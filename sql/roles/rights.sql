-- Who may do what with a table of ours. A migration runs this file and sets the rights of every table that it creates;
-- `emap roles` sets those of the tables that are there. What the roles are called stands in `__emap_role`, which
-- `emap roles` fills; where it is missing, nothing is granted.
--
-- Default privileges would not do: they know no names, and a new table of the programs' own, with whatever it holds,
-- would be open to analysts.

-- Grants rights on an object to the role of that kind, if there is one.
create or replace function pg_temp.grant_to(kind text, rights text, object text) returns void
language plpgsql as $function$
declare
    role_name name;
begin
    if to_regclass(quote_ident(current_schema()) || '.__emap_role') is null then
        return;
    end if;
    execute 'select r.rolname from __emap_role k join pg_roles r on r.rolname = k.name where k.kind = $1'
        into role_name using kind;
    if role_name is not null then
        execute format('grant %s on %s to %I', rights, object, role_name);
    end if;
end
$function$;

-- Takes all rights on a table from those who may have had some: roles of ours, and everybody in general.
create or replace function pg_temp.revoke_all(tab regclass, from_everybody boolean) returns void
language plpgsql as $function$
declare
    role_name name;
begin
    if to_regclass(quote_ident(current_schema()) || '.__emap_role') is null then
        return;
    end if;
    for role_name in execute
        'select r.rolname from __emap_role k join pg_roles r on r.rolname = k.name where k.kind <> ''owner'''
    loop
        execute format('revoke all on %s from %I', tab, role_name);
    end loop;
    if from_everybody then
        execute format('revoke all on %s from public', tab);
    end if;
end
$function$;

-- Sets the rights on a table or a view of ours.
create or replace function pg_temp.set_rights(tab regclass) returns void language plpgsql as $function$
declare
    name text := (select relname from pg_class where oid = tab);
    -- Not the patients' data as analysts see it: bodies, reasons, progress, names of roles.
    is_own boolean := name like 'etl\_%' or name like '\_\_%';
begin
    perform pg_temp.revoke_all(tab, is_own);
    case
        when name = 'etl_per_message_logging' then
            perform pg_temp.grant_to('core', 'select, insert', tab::text);
            perform pg_temp.grant_to('retention', 'select, delete', tab::text);
        when name = 'etl_message_reject' then
            perform pg_temp.grant_to('core', 'select, insert, update', tab::text);
            perform pg_temp.grant_to('retention', 'select, delete, update (body)', tab::text);
        when name = 'etl_person_removal' then
            perform pg_temp.grant_to('core', 'select, insert, delete', tab::text);
            perform pg_temp.grant_to('retention', 'select, delete', tab::text);
        when name = 'etl_ids_progress' then
            perform pg_temp.grant_to('reader', 'select, insert, update', tab::text);
        when name = 'etl_ids_reject' then
            perform pg_temp.grant_to('reader', 'select, insert, update', tab::text);
            perform pg_temp.grant_to('retention', 'select, delete', tab::text);
        when name like 'etl\_ids\_%' or name like 'etl\_hoover\_%' then
            perform pg_temp.grant_to('reader', 'select, insert, update, delete', tab::text);
        when name like 'etl\_monitor\_%' then
            perform pg_temp.grant_to('monitor', 'select', tab::text);
        when name = '__diesel_schema_migrations' then
            perform pg_temp.grant_to('core', 'select', tab::text);
        when name = '__emap_progress_migrations' then
            perform pg_temp.grant_to('reader', 'select', tab::text);
        when is_own then
            -- Nobody but the owner, until it has a line here.
            null;
        when name like '%\_audit' then
            perform pg_temp.grant_to('core', 'select, insert', tab::text);
            perform pg_temp.grant_to('analyst', 'select', tab::text);
        else
            perform pg_temp.grant_to('core', 'select, insert, update, delete', tab::text);
            perform pg_temp.grant_to('analyst', 'select', tab::text);
    end case;
end
$function$;
