"""Positions over time: partitions and, with TimescaleDB, hypertables."""
