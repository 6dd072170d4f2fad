"""A fleet against the hub: what it costs, whether anything is lost, and how it comes back."""
