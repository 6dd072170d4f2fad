"""Calibrates a camera: points with known places, how well they fit, a picture to check by."""
