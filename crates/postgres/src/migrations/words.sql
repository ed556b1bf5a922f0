-- Words for steps on a schema that is in use. They live in the connection's temporary schema; this file is run
-- before missing steps are taken.
--
-- A step is one transaction. It may hold strong locks, so it must be short: what takes long on a table with rows is
-- noted in `long_work`, which the caller does after the step and outside its transaction.

-- What had to be left out because of the rows or the columns. Names tables and columns, never values.
create temporary table if not exists left_out (
    id      bigint generated always as identity,
    warning text not null
);
truncate left_out;

create temporary table if not exists long_work (
    id        bigint generated always as identity,
    what      text not null, -- for logs and warnings
    unless    text,          -- a query of one boolean; true = rows contradict it, and it is left out
    first     text,          -- takes strong locks for a moment
    statement text not null, -- may take hours; no statement that holds up writers
    last      text,          -- takes strong locks for a moment
    undo      text           -- run if rows turn out to contradict the statement
);
truncate long_work;

create or replace function pg_temp.warn(warning text) returns void language sql as $function$
    insert into pg_temp.left_out (warning) values (warn.warning);
$function$;

-- From here on, all waiting for locks in this transaction ends at the time that `try_locking` has set. Statements
-- that come up to it one after the other shall not add up to a long time in which writers wait behind this transaction.
-- 20 ms are always left: who holds a lock only for a moment is waited for.
create or replace function pg_temp.limit_waiting() returns void language sql as $function$
    select set_config('lock_timeout', greatest(20, 1000 * (
        current_setting('emap.waits_until')::float8 - extract(epoch from clock_timestamp())))::bigint::text, true)
    where coalesce(current_setting('emap.waits_until', true), '') <> '';
$function$;

-- Runs statements that need strong locks. `busy`: some lock was not free in that time, and nothing was done;
-- `impossible`: the tables are not as expected, and nothing was done.
create or replace function pg_temp.try_locking(statements text, at_most interval, out outcome text, out detail text)
language plpgsql as $function$
begin
    perform set_config('emap.waits_until',
                       (extract(epoch from clock_timestamp()) + extract(epoch from at_most))::text, true);
    perform pg_temp.limit_waiting();
    execute statements;
    outcome := 'done';
exception
    when lock_not_available or deadlock_detected then
        get stacked diagnostics detail = pg_exception_context;
        outcome := 'busy';
        detail := split_part(detail, E'\n', 1);
    when datatype_mismatch or undefined_column or undefined_object or duplicate_table or duplicate_object
         or invalid_foreign_key then
        outcome := 'impossible';
        detail := sqlerrm;
end
$function$;

-- The table of this name in the schema that is being migrated, or null.
create or replace function pg_temp.find_table(table_name text) returns regclass
language sql stable as $function$
    select c.oid::regclass
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = current_schema() and c.relname = table_name and c.relkind in ('r', 'p');
$function$;

create or replace function pg_temp.has_rows(tab regclass) returns boolean language plpgsql as $function$
declare
    found_one boolean;
begin
    execute format('select exists (select from %s)', tab) into found_one;
    return found_one;
end
$function$;

-- Builds an index: at once on an empty table, else later and without holding up writers. An invalid index of that
-- name, as an interrupted build leaves it, is removed before. `last` is done when it is there.
create or replace function pg_temp.build_index(
    what text, name text, tab regclass, definition text, is_unique boolean, last text default null
) returns void language plpgsql as $function$
declare
    present record;
    unique_word text := case when is_unique then 'unique ' else '' end;
    remove text := format('drop index concurrently if exists %I.%I', current_schema(), name);
begin
    select c.oid, c.relkind, i.indisvalid, i.indrelid into present
    from pg_class c left join pg_index i on i.indexrelid = c.oid
    where c.relnamespace = quote_ident(current_schema())::regnamespace and c.relname = name;
    if present.indisvalid is false and present.indrelid = tab then
        insert into pg_temp.long_work (what, statement) values (what || ', left invalid', remove);
    elsif present.oid is not null then
        perform pg_temp.warn(format('%s left out: relation "%s" already exists', what, name));
        return;
    elsif not pg_temp.has_rows(tab) then
        perform pg_temp.limit_waiting();
        execute format('create %sindex %I on %s %s', unique_word, name, tab, definition);
        if last is not null then
            execute last;
        end if;
        return;
    end if;
    insert into pg_temp.long_work (what, statement, last, undo)
    values (what, format('create %sindex concurrently %I on %s %s', unique_word, name, tab, definition), last, remove);
end
$function$;

-- Columns that an index is to have, as far as they are named and the table lacks them.
create or replace function pg_temp.missing_columns(tab regclass, columns text) returns text
language sql stable as $function$
    select string_agg(c, ', ')
    from regexp_split_to_table(columns, ', ') c
    where c ~ '^[a-z_][a-z0-9_]*$'
      and not exists (select from pg_attribute a where a.attrelid = tab and a.attname = c and not a.attisdropped);
$function$;

-- A plain index. Queries and tools may know it by its name, so an equal one of another name counts only if
-- `any_name` says so.
create or replace function pg_temp.ensure_index(
    name text, table_name text, columns text, any_name boolean default false
) returns void language plpgsql as $function$
declare
    tab regclass := pg_temp.find_table(table_name);
    what text := format('index %s on %s', name, table_name);
    missing text := pg_temp.missing_columns(tab, columns);
begin
    if exists (select from pg_index i join pg_class c on c.oid = i.indexrelid
               where i.indrelid = tab and i.indisvalid and (
                   c.relname = name
                   or any_name and i.indpred is null and pg_get_indexdef(i.indexrelid, 1, true) = columns
                      and c.relam = (select oid from pg_am where amname = 'btree'))) then
        return;
    end if;
    if missing is not null then
        perform pg_temp.warn(format('%s left out: there is no column %s', what, missing));
        return;
    end if;
    perform pg_temp.build_index(what, name, tab, format('(%s)', columns), false);
end
$function$;
