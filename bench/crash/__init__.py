"""Whether acknowledged messages are lost or duplicated while everything is killed at random."""
