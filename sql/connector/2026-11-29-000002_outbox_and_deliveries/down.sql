drop table connector_delivery;
drop table connector_outbox;
