"""A fleet against the hub: its cost, lost messages, and how the fleet reconnects."""
