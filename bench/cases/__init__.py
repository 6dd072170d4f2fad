"""A year of cases: how fast indicators and lists answer over HTTP."""
