"""Alarms of people in danger: where they are, and who has acknowledged them."""
