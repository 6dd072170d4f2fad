"""Tools for makers of devices: `python -m wire generate | check | validate | conform`."""

from pathlib import Path
from typing import Annotated

import typer

from wire import generate, topics
from wire.conform.command import conform
from wire.decode import Malformed, PartlySound, decode
from wire.topics import UnknownTopic

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
app.command()(conform)


@app.command("generate")
def write_files() -> None:
    """Write the schemas, asyncapi.yaml and the table in docs/wire.md from the models."""
    for path in generate.write():
        print(path.relative_to(generate.ROOT))


@app.command()
def check() -> None:
    """Exit with 1 if a generated file differs from the models."""
    faults = generate.drifted()
    for fault in faults:
        print(fault)
    if faults:
        print("Run `python -m wire generate` and commit what it wrote.")
        raise typer.Exit(1)


@app.command()
def validate(
    topic: Annotated[str, typer.Argument(help="The full topic that the payload goes to.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The bare payload.")],
) -> None:
    """Say whether the hub would take a payload on a topic; exit with 1 and the reason if not."""
    try:
        decoded = decode(topics.parse(topic), file.read_bytes())
    except UnknownTopic as error:
        print(f"refused: topic: {error.reason}")
        raise typer.Exit(1) from None
    except Malformed as error:
        print(f"refused: {error.reason}")
        raise typer.Exit(1) from None
    if isinstance(decoded, PartlySound):
        print(f"taken: {len(decoded.samples)} samples")
        for reason in decoded.reasons:
            print(f"refused: {reason}")
        raise typer.Exit(1)
    print("valid")


if __name__ == "__main__":
    app()
