"""What is watched over time and becomes a signal: batteries, posts."""
