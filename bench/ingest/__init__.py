"""How much ingest stores durably, compared with the usual script on the same machine."""
