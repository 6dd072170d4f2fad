"""Plays the hub against one real device, and says what it does by the contract and what it doesn't."""
