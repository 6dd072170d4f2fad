"""Receive, decode, batch, commit and acknowledge messages. Ingest decides nothing about cases."""
