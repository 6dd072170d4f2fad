"""How soon a terminal gets its order after a signal, and what a worker gets through."""
