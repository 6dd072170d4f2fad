"""The wire contract: topics, messages and limits. Imported by every part, imports none of them."""
