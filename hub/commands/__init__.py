"""Orders to devices: their states and time limits, how they are sent and how they are answered."""
