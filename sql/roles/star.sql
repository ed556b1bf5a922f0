-- Roles of least privilege for the star database, as `emap roles` prints them. May be run again at any time: it changes
-- what differs. To be run by a superuser. The first time on a schema that is in use it takes the tables over from their
-- present owner, for which it waits at most 2 s each for those who use them; it does all or nothing.

begin;
set local lock_timeout = '2s';

-- A role that is there stays as it is. New ones have no password: give each its own way to log in.
do $roles$
declare
    wanted record;
begin
    for wanted in
        select * from (values (:'owner', true), (:'core', true), (:'reader', true), (:'analyst', false),
                              (:'monitor', true), (:'retention', true)) as role (name, logs_in)
        where not exists (select from pg_roles r where r.rolname = role.name)
    loop
        execute format('create role %I %s', wanted.name, case when wanted.logs_in then 'login' else 'nologin' end);
    end loop;
end
$roles$;

-- The owner of the schema and of everything in it: whoever migrates.
create schema if not exists :"schema" authorization :"owner";
alter schema :"schema" owner to :"owner";
set local search_path to :"schema";
do $owner$
declare
    other record;
begin
    for other in
        select c.oid::regclass as name,
               case c.relkind when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'materialized view'
                    when 'f' then 'foreign table' else 'table' end as kind
        from pg_class c
        where c.relnamespace = :'quoted_schema'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
          and c.relowner <> :'quoted_owner'::regrole
          -- A column's own sequence goes with its table.
          and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
                          and d.deptype in ('a', 'i') and d.refclassid = 'pg_class'::regclass and c.relkind = 'S')
    loop
        execute format('alter %s %s owner to %I', other.kind, other.name, :'owner');
    end loop;
    -- Migrations keep what they work with in the temporary schema.
    execute format('grant connect, temporary on database %I to %I', current_database(), :'owner');
end
$owner$;
revoke create on schema :"schema" from public;
grant usage on schema :"schema" to :"core", :"reader", :"analyst", :"monitor", :"retention";

-- By these names migrations find the roles when they create tables.
create table if not exists __emap_role (
    kind text primary key,
    name text not null
);
comment on table __emap_role is 'What the roles are called to which migrations grant rights on new tables.';
comment on column __emap_role.kind is 'What the role is for.';
comment on column __emap_role.name is 'Its name.';
alter table __emap_role owner to :"owner";
insert into __emap_role (kind, name)
values ('owner', :'owner'), ('core', :'core'), ('reader', :'reader'), ('analyst', :'analyst'), ('monitor', :'monitor'),
       ('retention', :'retention')
on conflict (kind) do update set name = excluded.name;

-- :rights

select pg_temp.grant_to('core', 'usage', 'sequence hibernate_sequence')
where to_regclass('hibernate_sequence') is not null;
select pg_temp.grant_to('core', 'usage', 'sequence emap_id_sequence')
where to_regclass(format('%I.emap_id_sequence', current_schema())) is not null;
-- Of tables that no step has created nothing is granted.
do $rights$
declare
    tab regclass;
begin
    for tab in
        select c.oid::regclass from pg_class c
        where c.relnamespace = :'quoted_schema'::regnamespace and c.relkind in ('r', 'p', 'v')
          and (c.relname like 'etl\_%' or c.relname like '\_\_%' or c.relname = any (:'tables'::text[]))
    loop
        perform pg_temp.set_rights(tab);
    end loop;
end
$rights$;

-- Views of `emap switch` that lead to these tables: whoever evaluates may read the view of what may be read.
do $views$
declare
    shown record;
begin
    for shown in
        select distinct v.oid::regclass as name, v.relnamespace::regnamespace as views
        from pg_class t
        join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
             and d.refobjid = t.oid
        join pg_rewrite r on r.oid = d.objid
        join pg_class v on v.oid = r.ev_class and v.relkind = 'v' and v.relname = t.relname
        where t.relnamespace = :'quoted_schema'::regnamespace and v.relnamespace <> t.relnamespace
          and has_table_privilege(:'analyst', t.oid, 'SELECT')
    loop
        execute format('grant usage on schema %s to %I', shown.views, :'analyst');
        execute format('grant select on %s to %I', shown.name, :'analyst');
    end loop;
end
$views$;
commit;
