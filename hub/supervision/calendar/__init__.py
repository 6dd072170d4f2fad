"""An edit of the calendar, with every deadline that counts its days."""
