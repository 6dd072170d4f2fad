"""Choose who is sent to a case, ask the next best, and give orders to many devices."""
