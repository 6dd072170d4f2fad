"""Positions over time, in partitions of a day."""
