"""`python -m edge detect`: what the detector finds in one picture."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.cli.failure import failure
from edge.cli.pictures import write_picture

if TYPE_CHECKING:
    from models import Detections, OnnxDetector


def detect(
    image: Annotated[Path, typer.Argument(help="A JPEG picture.")],
    model: Annotated[Path, typer.Option(help="Folder of the detector.")] = Path("models/street"),
    min_score: Annotated[
        float | None, typer.Option(min=0, max=1, help="Instead of each class's own threshold.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the picture with the boxes drawn here.")
    ] = None,
) -> None:
    """Show what the detector finds in one picture."""
    from edge.picture import BadPicture, picture

    try:
        shown = picture(image.read_bytes())
    except (OSError, BadPicture) as error:
        raise failure(f"{image}: {error}") from None
    found = _load(model, "fp32").detect(shown, min_score=min_score)
    _print_table(image, found)
    if out is not None:
        from edge.drawing import annotated

        write_picture(out, annotated(shown, found))


def _load(directory: Path, precision: str) -> "OnnxDetector":
    from models import ModelRejected, OnnxDetector

    try:
        return OnnxDetector.load(directory, precision=precision)
    except ModelRejected as error:
        raise failure(f"cannot use the model in {directory}: {error}") from None


def _print_table(image: Path, found: "Detections") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("class", "score", "x", "y", "width", "height", title=image.name)
    for one in found:
        place = (f"{length:.0f}" for length in (one.x, one.y, one.w, one.h))
        table.add_row(one.label, f"{one.score:.3f}", *place)
    if not len(found):
        table.caption = "nothing found"
    Console().print(table)
