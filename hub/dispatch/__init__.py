"""Who is sent, what a device was ordered, and what came of it."""
