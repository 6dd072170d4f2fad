"""Measurements that anyone can repeat: each prints its configuration and ends with one line of JSON."""
