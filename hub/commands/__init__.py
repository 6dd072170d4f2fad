"""An order to a device: its states, its time limits, how it is sent and how it is answered."""
