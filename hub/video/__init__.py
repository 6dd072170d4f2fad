"""Live video of terminals: who may show it, who may watch it, and the relay between them."""
