-- Forward-only: a message store is never dropped by a program.
select 1;
