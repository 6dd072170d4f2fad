"""Fleets: thousands of terminals in a few processes, what goes wrong with them, and the truth about it.

What each terminal records and suffers is drawn from the seed before it is connected to anything; the
network only decides when it comes through.
"""
