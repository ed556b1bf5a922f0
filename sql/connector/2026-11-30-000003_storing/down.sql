drop function connector_store;
