"""Simulated terminals and cameras, and the seeded district that they live in.

The simulator knows the wire contract (`wire`) and the renderer (`scenes`), and nothing about the hub.
"""
