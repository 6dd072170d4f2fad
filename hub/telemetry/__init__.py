"""Positions over time: how they are kept and rolled up, and what can be asked of them."""
