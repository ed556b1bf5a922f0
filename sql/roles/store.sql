-- The reader's rights in the database of the message store, as `emap roles --store` prints them: it reads one table.
-- To be run by a superuser or by the owner of the store.

begin;
do $roles$
begin
    if not exists (select from pg_roles where rolname = :'reader') then
        execute format('create role %I login', :'reader');
    end if;
end
$roles$;
grant usage on schema :"schema" to :"reader";
grant select on :"schema".tbl_ids_master to :"reader";
commit;
