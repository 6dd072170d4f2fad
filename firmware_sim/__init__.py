"""Simulated terminals and cameras, and the seeded district that they live in.

It knows the wire contract (`wire`) and the renderer (`scenes`), and nothing of the hub.
"""
