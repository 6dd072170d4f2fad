"""Command line of the models: evaluate, pack and sign them; and, with the training extra, make them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from models.errors import ModelRejected
from models.measuring import evaluated, load, summary, table
from models.training.commands import app as training

app = typer.Typer(help="Evaluate, train, export, measure and sign detectors.", no_args_is_help=True)
app.add_typer(training)

Split = Annotated[str, typer.Option(help="Split to read; empty for all pictures.")]


@app.command("evaluate")
def evaluate_command(
    model: Annotated[Path, typer.Option(help="Folder of a model, or a file in it.")],
    coco: Annotated[Path, typer.Option(help="Annotations in COCO form.", exists=True)],
    images: Annotated[Path, typer.Option(help="Folder of the pictures.", exists=True)],
    precision: Annotated[str, typer.Option(help="fp32 or int8.")] = "fp32",
    split: Split = "val",
) -> None:
    """Measure a model on labelled pictures; the last line is one line of JSON."""
    detector = load(model, precision)
    result = evaluated(detector, coco, images, split)
    Console().print(table(result))
    print(json.dumps(summary(detector.manifest, precision, result)))


@app.command()
def keygen(
    key: Annotated[Path, typer.Argument(help="File to make; keep it safe and off the edge nodes.")],
) -> None:
    """Make the key that models are signed with, and print its public half.

    An edge node runs only models that are signed with the key whose public half it has in
    PATROLHUB_EDGE_MODEL_KEY. An existing file is never replaced.
    """
    from models.signing import new_key, public_text

    try:
        print(public_text(new_key(key)))
    except OSError as error:
        raise typer.BadParameter(str(error), param_hint="KEY") from None


@app.command()
def pack(
    model: Annotated[Path, typer.Argument(help="Folder of a model.", exists=True)],
    out: Annotated[Path, typer.Option(help="Folder for the archive.", file_okay=False)],
    key: Annotated[
        Path | None, typer.Option(help="Sign it with this key, see `keygen`.", exists=True)
    ] = None,
) -> None:
    """Pack a model's folder into an archive that edge nodes can fetch: NAME-VERSION.tar.

    With --key the archive is signed as `sign` does. Put it on a web server that the nodes reach, and
    tell them by `python -m hub devices model`.
    """
    from models.archive import pack as packed
    from models.manifest import read_manifest

    try:
        manifest = read_manifest(model)
        out.mkdir(parents=True, exist_ok=True)
        archive = out / f"{manifest.name}-{manifest.version}.tar"
        packed(model, archive)
    except (ModelRejected, OSError) as error:
        raise typer.BadParameter(str(error), param_hint="MODEL") from None
    print(archive)
    if key is not None:
        sign(archive, key)


@app.command()
def sign(
    archive: Annotated[Path, typer.Argument(help="Archive of `pack`.", exists=True)],
    key: Annotated[Path, typer.Option(help="The key, see `keygen`.", exists=True)],
) -> None:
    """Sign an archive: writes NAME-VERSION.json beside it, with its hash and the signature."""
    from models.signing import BadKey, read_key
    from models.signing import sign as signed

    try:
        release = signed(archive, read_key(key))
    except (ModelRejected, BadKey, OSError) as error:
        raise typer.BadParameter(str(error), param_hint="ARCHIVE or --key") from None
    paper = archive.with_suffix(".json")
    paper.write_text(release.model_dump_json(indent=2) + "\n", encoding="utf-8")
    print(paper)


@app.command("permit-rollback")
def permit_rollback_command(
    release: Annotated[
        Path, typer.Argument(help="The file of `sign` for the older model.", exists=True)
    ],
    node: Annotated[str, typer.Option(help="The edge node: E-01.")],
    from_version: Annotated[
        str, typer.Option("--from", help="The newest version that has run there.")
    ],
    key: Annotated[Path, typer.Option(help="The key, see `keygen`.", exists=True)],
) -> None:
    """Permit one edge node to go back to an older model, once: writes NAME-VERSION.NODE.json.

    Without it a node refuses whatever is older than the newest model that has proved itself there.
    """
    from models.signing import BadKey, Release, permit_rollback, read_key

    try:
        older = Release.model_validate_json(release.read_bytes())
        paper = permit_rollback(older, node, from_version, datetime.now(UTC), read_key(key))
    except (ValidationError, BadKey, OSError) as error:
        raise typer.BadParameter(str(error), param_hint="RELEASE or --key") from None
    file = release.with_name(f"{release.stem}.{node}.json")
    file.write_text(paper.model_dump_json(indent=2) + "\n", encoding="utf-8")
    print(file)


if __name__ == "__main__":
    app()
