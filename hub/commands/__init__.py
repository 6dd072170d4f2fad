"""An order to a device: its states, its limits, its way out and what comes back."""
