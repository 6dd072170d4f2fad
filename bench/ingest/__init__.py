"""How much ingest takes in, durably, beside the usual script on the same machine."""
