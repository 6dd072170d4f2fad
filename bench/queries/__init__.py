"""What it takes to ask where terminals were, as history grows."""
