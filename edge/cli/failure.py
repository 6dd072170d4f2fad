"""How a command says that it cannot do its work."""

import typer


def failure(reason: str) -> typer.Exit:
    """Write the reason to stderr; raise what comes back to end the command with status 2."""
    typer.echo(f"edge: {reason}", err=True)
    return typer.Exit(2)
