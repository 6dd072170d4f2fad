"""Signals: anything that may become a case, and how it does."""
