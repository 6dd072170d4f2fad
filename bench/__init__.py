"""Repeatable measurements: each prints its configuration and ends with one line of JSON."""
