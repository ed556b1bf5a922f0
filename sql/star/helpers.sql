-- What the migrations of the star schema are written in, besides the words that all migrations have
-- (`crates/postgres/src/migrations/words.sql`) and those of rights (`sql/roles/rights.sql`). All of it lives in the
-- connection's temporary schema; `emap_star::migrations::migrate` runs this file before the migrations.
--
-- Every function adds what is missing and leaves alone what is there, so one migration both fills an empty
-- schema and adopts a schema that another program created and filled. Nothing is dropped, renamed or retyped,
-- and no row is touched. What has to be left out because of the rows becomes a warning.
--
-- Tables may be in use meanwhile: what takes long on a table with rows is noted as long work, to be done after the
-- step. So a step that was interrupted is taken again, and must not mind.

-- Tables declared by the migration that is running; `twin_of` is set for audit twins.
create temporary table if not exists declared_table (
    table_name text primary key,
    twin_of    text
);
truncate declared_table;

create or replace temporary view table_column as
    select a.attrelid::regclass                    as tab,
           a.attname::text                         as name,
           a.attnum                                as number,
           format_type(a.atttypid, a.atttypmod)    as type,
           a.attnotnull                            as is_mandatory,
           pg_get_expr(d.adbin, d.adrelid)         as default_value
    from pg_attribute a
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attnum > 0 and not a.attisdropped;

-- Constraints whatever their names: those who made the table chose them. `kind` is p(rimary key), u(nique),
-- c(heck) or f(oreign key); a unique index counts as a unique constraint. `columns` is sorted. Rows may contradict
-- a constraint that is not valid.
create or replace temporary view table_constraint as
    select k.conrelid::regclass                    as tab,
           k.contype::text                         as kind,
           (select array_agg(c.name order by c.name) from pg_temp.table_column c
            where c.tab = k.conrelid and c.number = any (k.conkey)) as columns,
           nullif(k.confrelid, 0)::regclass        as target,
           pg_get_constraintdef(k.oid)             as definition,
           k.conname::text                         as name,
           k.convalidated                          as is_valid,
           (select array_agg(c.name) from pg_temp.table_column c
            where c.tab = k.confrelid and c.number = any (k.confkey)) as target_columns
    from pg_constraint k
    where k.contype in ('p', 'c', 'f')
    union all
    select i.indrelid::regclass, 'u', array_agg(c.name order by c.name), null,
           format('unique (%s)', string_agg(quote_ident(c.name), ', ' order by c.name)), null, true, null
    from pg_index i join pg_temp.table_column c on c.tab = i.indrelid and c.number = any (i.indkey)
    where i.indisunique and not i.indisprimary and i.indisvalid and i.indpred is null and i.indexprs is null
    group by i.indexrelid, i.indrelid;

-- Adds a column like `wanted`. Rows that exist have no value for a mandatory column without default: there it
-- becomes optional.
create or replace function pg_temp.add_column(tab regclass, wanted pg_temp.table_column) returns void
language plpgsql as $function$
declare
    is_mandatory boolean := wanted.is_mandatory;
begin
    perform pg_temp.limit_waiting();
    if is_mandatory and wanted.default_value is null and pg_temp.has_rows(tab) then
        is_mandatory := false;
        perform pg_temp.warn(format('column %s.%s added without NOT NULL: the table has rows',
                                    tab, wanted.name));
    end if;
    execute format('alter table %s add column %I %s%s%s', tab, wanted.name, wanted.type,
                   ' default ' || wanted.default_value, case when is_mandatory then ' not null' end);
end
$function$;

-- Gives `tab` the columns of `pattern` that it lacks; says where columns of both differ.
create or replace function pg_temp.adopt_columns(tab regclass, pattern regclass) returns void
language plpgsql as $function$
declare
    wanted pg_temp.table_column;
    present pg_temp.table_column;
begin
    for wanted in select * from pg_temp.table_column c where c.tab = pattern order by c.number loop
        select * into present
        from pg_temp.table_column c where c.tab = adopt_columns.tab and c.name = wanted.name;
        if present.name is null then
            perform pg_temp.add_column(tab, wanted);
        elsif present.type <> wanted.type then
            perform pg_temp.warn(format('column %s.%s is of type %s, not %s',
                                        tab, wanted.name, present.type, wanted.type));
        elsif present.is_mandatory <> wanted.is_mandatory then
            perform pg_temp.warn(format('column %s.%s %s null', tab, wanted.name,
                case when wanted.is_mandatory then 'allows' else 'does not allow' end));
        end if;
    end loop;
    for present in
        select * from pg_temp.table_column c
        where c.tab = adopt_columns.tab and c.is_mandatory and c.default_value is null and not exists (
            select from pg_temp.table_column w where w.tab = pattern and w.name = c.name)
    loop
        perform pg_temp.warn(format('column %s.%s is unknown but mandatory: no row can be added',
                                    tab, present.name));
    end loop;
end
$function$;

-- Gives an audited table that is declared already, and its twin, one more column, which rows that exist leave empty.
create or replace function pg_temp.audited_column(table_name text, name text, type text) returns void
language plpgsql as $function$
declare
    owner regclass;
    wanted pg_temp.table_column;
    present pg_temp.table_column;
begin
    insert into pg_temp.declared_table values (table_name, null), (table_name || '_audit', table_name)
    on conflict do nothing;
    execute format('create table adoption_pattern (%I %s)', name, type);
    select * into wanted from pg_temp.table_column c where c.tab = pg_temp.find_table('adoption_pattern');
    drop table adoption_pattern;
    foreach owner in array array[pg_temp.find_table(table_name), pg_temp.find_table(table_name || '_audit')] loop
        perform pg_temp.require_ownership(owner);
        select * into present from pg_temp.table_column c where c.tab = owner and c.name = wanted.name;
        if present.name is null then
            perform pg_temp.add_column(owner, wanted);
        elsif present.type <> wanted.type then
            perform pg_temp.warn(format('column %s.%s is of type %s, not %s',
                                        owner, wanted.name, present.type, wanted.type));
        end if;
    end loop;
end
$function$;

-- A name for a constraint or its index that nothing else has. What an interrupted build left keeps its name.
create or replace function pg_temp.free_name(tab regclass, wished text) returns text language plpgsql as $function$
declare
    name text := left(wished, 63);
    number int := 0;
begin
    while exists (select from pg_constraint k where k.conrelid = tab and k.conname = name)
       or exists (select from pg_class c left join pg_index i on i.indexrelid = c.oid
                  where c.relnamespace = quote_ident(current_schema())::regnamespace and c.relname = name
                    and not (i.indrelid is not distinct from tab and not i.indisvalid)) loop
        number := number + 1;
        name := left(wished, 60) || number;
    end loop;
    return name;
end
$function$;

-- A query that is true if rows of `tab` contradict the constraint; null if there is none for such a constraint.
create or replace function pg_temp.contradiction(tab regclass, wanted pg_temp.table_constraint) returns text
language sql stable as $function$
    select case
        when wanted.kind = 'c' then
            format('select exists (select from %s where not %s)', tab,
                   substring(wanted.definition from '^CHECK (\(.*\))$'))
        when wanted.kind = 'f' and cardinality(wanted.columns) = 1 then
            format('select exists (select from %s c where c.%I is not null and not exists '
                   '(select from %s p where p.%I = c.%I))', tab, wanted.columns[1],
                   wanted.target, wanted.target_columns[1], wanted.columns[1])
    end;
$function$;

-- Adds a constraint: at once to an empty table, else later and without holding up writers. A key gets its index
-- first; what is to be checked row by row holds for new rows first.
create or replace function pg_temp.add_constraint(tab regclass, wanted pg_temp.table_constraint) returns void
language plpgsql as $function$
declare
    what text := format('constraint on %s: %s', tab, wanted.definition);
    table_name text := (select relname from pg_class where oid = tab);
    kind_name text := case wanted.kind when 'p' then 'pkey' when 'u' then 'key' when 'c' then 'check' else 'fkey' end;
    name text;
    add text;
begin
    perform pg_temp.limit_waiting();
    if wanted.kind in ('p', 'u') then
        name := pg_temp.free_name(tab, case wanted.kind
            when 'p' then table_name || '_pkey'
            else format('%s_%s_key', table_name, array_to_string(wanted.columns, '_')) end);
        perform pg_temp.build_index(
            what, name, tab, substring(wanted.definition from '\(.*\)'), true,
            format('alter table %s add constraint %I %s using index %I', tab, name,
                   case wanted.kind when 'p' then 'primary key' else 'unique' end, name));
        return;
    end if;
    select c.name into name
    from pg_temp.table_constraint c
    where c.tab = add_constraint.tab and c.kind = wanted.kind and c.columns = wanted.columns
      and c.target is not distinct from wanted.target and not c.is_valid;
    if name is not null then
        insert into pg_temp.long_work (what, unless, statement)
        values (what, pg_temp.contradiction(tab, wanted),
                format('alter table %s validate constraint %I', tab, name));
        return;
    end if;
    name := pg_temp.free_name(
        tab, format('%s_%s_%s', table_name, array_to_string(wanted.columns, '_'), kind_name));
    add := format('alter table %s add constraint %I %s', tab, name, wanted.definition);
    if pg_temp.has_rows(tab) then
        insert into pg_temp.long_work (what, unless, first, statement)
        values (what, pg_temp.contradiction(tab, wanted), add || ' not valid',
                format('alter table %s validate constraint %I', tab, name));
    elsif wanted.kind = 'f' and pg_temp.has_rows(wanted.target) then
        -- It locks the other table, which is in use.
        insert into pg_temp.long_work (what, first, statement) values (what, add, 'select');
    else
        execute add;
    end if;
exception
    when datatype_mismatch or undefined_column or invalid_foreign_key then
        perform pg_temp.warn(format('%s left out: %s', what, sqlerrm));
end
$function$;

-- A definition without its references to other tables. Whoever creates a table with one, or drops it, locks the other
-- table: so that this is done for each by itself, and not at all where the reference is there already.
create or replace function pg_temp.without_references(definition text) returns text
language sql immutable as $function$
    select regexp_replace(definition, '\sreferences\s+[a-z0-9_]+', '', 'gi');
$function$;

-- The references of a definition, as constraints.
create or replace function pg_temp.references_in(definition text) returns setof pg_temp.table_constraint
language sql stable as $function$
    select null::regclass, 'f', array[found[1]], pg_temp.find_table(found[2]),
           format('FOREIGN KEY (%I) REFERENCES %I(%I)', found[1], found[2], key.name), null::text, true,
           array[key.name]
    from regexp_matches(definition, '(?:^|,)\s*([a-z0-9_]+)\s[^,]*\sreferences\s+([a-z0-9_]+)', 'gi') as found,
         coalesce((select p.columns[1] from pg_temp.table_constraint p
                   where p.tab = pg_temp.find_table(found[2]) and p.kind = 'p'), found[2] || '_id') as key (name);
$function$;

-- Gives `tab` the constraints of `pattern` that it lacks. Equal is what binds the same columns to the same
-- target, whatever its name.
create or replace function pg_temp.adopt_constraints(tab regclass, pattern regclass, definition text) returns void
language plpgsql as $function$
declare
    wanted pg_temp.table_constraint;
begin
    for wanted in
        select * from (
            select * from pg_temp.table_constraint c where c.tab = pattern
            union all
            select * from pg_temp.references_in(definition)) w
        where not exists (
            select from pg_temp.table_constraint c
            where c.tab = adopt_constraints.tab and c.kind = w.kind and c.columns = w.columns
              and c.target is not distinct from w.target and c.is_valid)
        order by array_position(array['p', 'u', 'c', 'f'], w.kind), w.columns
    loop
        perform pg_temp.add_constraint(tab, wanted);
    end loop;
end
$function$;

create or replace function pg_temp.require_ownership(tab regclass) returns void
language plpgsql as $function$
declare
    owner oid := (select relowner from pg_class where oid = tab);
begin
    if not pg_has_role(owner, 'usage') then
        raise insufficient_privilege using
            message = format('table %s belongs to role %s, and %s is not a member of it',
                             tab, pg_get_userbyid(owner), current_user);
    end if;
end
$function$;

-- Creates the table, or adopts the one that exists by comparing it with an empty table of the definition.
create or replace function pg_temp.declare_table(name text, definition text, twin_of text default null)
returns void language plpgsql as $function$
declare
    tab regclass := pg_temp.find_table(name);
begin
    insert into pg_temp.declared_table values (name, declare_table.twin_of) on conflict do nothing;
    perform pg_temp.limit_waiting();
    if tab is null then
        execute format('create table %I (%s)', name, pg_temp.without_references(definition));
        tab := pg_temp.find_table(name);
        perform pg_temp.adopt_constraints(tab, tab, definition);
    else
        perform pg_temp.require_ownership(tab);
        execute format('create table adoption_pattern (%s)', pg_temp.without_references(definition));
        perform pg_temp.adopt_columns(tab, pg_temp.find_table('adoption_pattern'));
        perform pg_temp.adopt_constraints(tab, pg_temp.find_table('adoption_pattern'), definition);
        drop table adoption_pattern;
    end if;
    perform pg_temp.set_rights(tab);
end
$function$;

-- A table without history.
create or replace function pg_temp.plain_table(name text, definition text) returns void
language sql as $function$
    select pg_temp.declare_table(name, definition);
$function$;

-- A table that keeps its superseded rows itself, closed by `stored_until` and `valid_until`.
create or replace function pg_temp.state_table(name text, definition text) returns void
language sql as $function$
    select pg_temp.declare_table(name, definition);
$function$;

-- Whether rows of the table can be deleted or replaced, so that former versions must not refer to them.
create or replace function pg_temp.has_versions(tab regclass) returns boolean
language sql stable as $function$
    select exists (select from pg_temp.table_column c
                   where c.tab = has_versions.tab and c.name = 'valid_until')
        or pg_temp.find_table((select relname || '_audit' from pg_class where oid = tab)) is not null;
$function$;

-- The audit twin's definition, derived from its parent's: the same columns, but the key and the links to
-- tables with versions as plain numbers, and no defaults, unique constraints or checks; plus when it ended.
create or replace function pg_temp.twin_definition(
    table_name text, definition text, pattern regclass, twin_key text
) returns text
language sql stable as $function$
    select format('%I bigint primary key, ', table_name || '_audit_id')
        || 'stored_from timestamptz not null, valid_from timestamptz not null, '
        || 'stored_until timestamptz, valid_until timestamptz, '
        || string_agg(format('%I %s%s%s', c.name, c.type,
               case when c.is_mandatory and (c.name <> table_name || '_id' or twin_key = 'not null')
                    then ' not null' end,
               (select ' references ' || k.target from pg_temp.references_in(definition) k
                where k.columns = array[c.name] and not pg_temp.has_versions(k.target))),
           ', ' order by c.number)
    from pg_temp.table_column c
    where c.tab = pattern and c.name not in ('stored_from', 'valid_from');
$function$;

-- A table whose superseded and deleted rows go to its audit twin, which is declared along with it. `twin_key`
-- says whether the parent's key is mandatory in the twin: `not null` or `null`.
create or replace function pg_temp.audited_table(name text, definition text, twin_key text default 'not null')
returns void language plpgsql as $function$
declare
    twin text;
begin
    execute format('create table adoption_pattern (%s)', pg_temp.without_references(definition));
    twin := pg_temp.twin_definition(name, definition, pg_temp.find_table('adoption_pattern'), twin_key);
    drop table adoption_pattern;
    perform pg_temp.declare_table(name, definition);
    perform pg_temp.declare_table(name || '_audit', twin, name);
end
$function$;

-- A unique index over what tells the table's rows apart, unless one over the same columns exists. `columns`
-- may hold expressions; `condition` restricts it to some rows.
create or replace function pg_temp.ensure_natural_key(
    name text, table_name text, columns text, condition text default null
) returns void language plpgsql as $function$
declare
    owner regclass := pg_temp.find_table(table_name);
    sorted text[] := (select array_agg(c order by c) from regexp_split_to_table(columns, ', ') c);
    what text := format('natural key of %s (%s)', table_name, columns);
    missing text := pg_temp.missing_columns(owner, columns);
begin
    if exists (select from pg_index i join pg_class c on c.oid = i.indexrelid
               where i.indrelid = owner and i.indisvalid and c.relname = name)
       or condition is null and exists (select from pg_temp.table_constraint k
               where k.tab = owner and k.kind in ('p', 'u') and k.columns = sorted) then
        return;
    end if;
    if missing is not null then
        perform pg_temp.warn(format('%s left out: there is no column %s', what, missing));
        return;
    end if;
    perform pg_temp.build_index(what, name, owner, format('(%s)%s', columns, ' where ' || condition), true);
end
$function$;

-- What a column means that means the same in every table; null if it has no common meaning.
create or replace function pg_temp.common_meaning(name text, table_name text, twin_of text) returns text
language sql immutable as $function$
    select case
        when name = table_name || '_id' then
            'Identifies the row; drawn from `hibernate_sequence`, unique across the whole schema.'
        when name = twin_of || '_id' then
            'Key of the row this is a former version of; that row may be gone.'
        when name = 'valid_from' then
            'When this version became true in the hospital: the event time of the message that '
            'brought it.'
        when name = 'stored_from' then
            'When the star database began to hold this version: the start of processing of its '
            'message.'
        when name = 'valid_until' and twin_of is null then
            'When this version stopped being true in the hospital: the event time of the change or '
            'deletion; null in the current period.'
        when name = 'stored_until' and twin_of is null then
            'When the star database stopped holding this version as current: the start of processing '
            'of that change; null in the current period.'
        when name = 'valid_until' then
            'When this version stopped being true in the hospital: the event time of the change or '
            'deletion.'
        when name = 'stored_until' then
            'When the star database stopped holding this version as current: the start of processing '
            'of that change.'
    end;
$function$;

-- Comments the declared tables' columns that have no comment yet: those of a common meaning, and those of
-- audit twins like their parents'. Ends the list of declared tables.
create or replace function pg_temp.describe_common_columns() returns void
language plpgsql as $function$
declare
    d record;
begin
    for d in select c.tab, c.name,
                    coalesce(pg_temp.common_meaning(c.name, t.table_name, t.twin_of),
                             col_description(p.tab, p.number)) as meaning
             from pg_temp.declared_table t
             join pg_temp.table_column c on c.tab = pg_temp.find_table(t.table_name)
             left join pg_temp.table_column p on p.tab = pg_temp.find_table(t.twin_of) and p.name = c.name
             where col_description(c.tab, c.number) is null loop
        execute format('comment on column %s.%I is %L', d.tab, d.name, d.meaning);
    end loop;
    for d in select * from pg_temp.declared_table where twin_of is not null loop
        execute format('comment on table %I is %L', d.table_name,
                       format('Former versions of the rows of `%s`: one for each change or deletion.',
                              d.twin_of));
    end loop;
    delete from pg_temp.declared_table;
end
$function$;

-- Moves the sequence beyond every key in use; never back.
create or replace function pg_temp.advance_sequence(name text) returns void
language plpgsql as $function$
declare
    key record;
    largest bigint;
    used bigint := 0;
    upcoming bigint;
begin
    for key in select k.tab, k.columns[1] as name
               from pg_temp.table_constraint k join pg_class c on c.oid = k.tab
               where k.kind = 'p' and pg_temp.find_table(c.relname::text) = k.tab
                 and (k.columns = array[c.relname || '_id'] or c.relname = 'etl_per_message_logging') loop
        execute format('select max(%I) from %s', key.name, key.tab) into largest;
        used := greatest(used, largest);
    end loop;
    execute format('select last_value + is_called::int from %I', name) into upcoming;
    if upcoming <= used then
        perform setval(quote_ident(name)::regclass, used);
        perform pg_temp.warn(format('sequence %s stood at %s, not beyond the largest key %s: moved on',
                                    name, upcoming, used));
    end if;
end
$function$;
