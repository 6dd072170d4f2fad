"""How telemetry is stored: in a TimescaleDB hypertable or in native partitions, with the same queries."""
