"""The registry of grid workers: who they are, where they work, and which terminals they hold."""
