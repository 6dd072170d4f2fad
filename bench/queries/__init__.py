"""The cost of queries about positions, as history grows."""
