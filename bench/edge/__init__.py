"""What an edge node costs, measured against the bare network on the same pictures in the same run."""
