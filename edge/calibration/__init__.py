"""Finds out where each point of a camera's picture lies: points, their fit, a picture to check it."""
