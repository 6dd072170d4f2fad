"""The worker: inbox to cases to outbox, and everything that happens by time."""
