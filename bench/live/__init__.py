"""How many bytes the event stream costs a console."""
