"""Whether anything that was acknowledged is lost, or counts twice, while everything is killed at random."""
