"""How telemetry is kept: in TimescaleDB's hypertable, or in native partitions; asked for alike."""
