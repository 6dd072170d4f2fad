"""Ways to run patrolhub."""
