"""Places, distances, areas, and the territories around a place."""
