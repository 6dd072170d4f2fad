"""Receive, decode, batch, commit, acknowledge. Ingest never decides what a message means for a case."""
