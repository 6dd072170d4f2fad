"""Monitoring over time that makes signals: batteries, posts."""
