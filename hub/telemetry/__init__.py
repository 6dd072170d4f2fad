"""Positions over time: how they are stored and rolled up, and the queries over them."""
