"""What the hub wants of this node: its configuration and its model, as desired and reported."""
