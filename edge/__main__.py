"""Starts the edge node's command line: `python -m edge`."""

from edge.cli import app

if __name__ == "__main__":
    app()
