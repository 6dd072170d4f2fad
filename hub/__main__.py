"""`python -m hub`: see hub/cli."""

from hub.cli import app

if __name__ == "__main__":
    app()
