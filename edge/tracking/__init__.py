"""Places where something is known, and what becomes of them as the node looks again and again."""
