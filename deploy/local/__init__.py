"""Everything on one machine: an embedded PostgreSQL, a private Mosquitto, and the project's processes."""
