"""Everything around the SQL: the raw contract, landing, configuration, refresh, checks and publication."""
