"""Shared by every router of the hub: errors as problems, and the dependencies of endpoints."""
