"""The district itself: its name and bounds, its units, and the base map."""
