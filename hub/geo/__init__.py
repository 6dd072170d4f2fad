"""The earth under the cases: places, distances, areas and the territories around a place."""
