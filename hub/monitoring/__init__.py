"""Monitoring of batteries and posts, which makes signals."""
