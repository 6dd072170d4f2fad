"""Fleets: thousands of terminals in a few processes, their faults, and the ground truth about both.

The samples and faults of each terminal are drawn from the seed before it connects to anything; the
network only decides when they arrive.
"""
