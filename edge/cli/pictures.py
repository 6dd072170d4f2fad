"""Pictures that commands write for people to look at."""

from pathlib import Path
from typing import TYPE_CHECKING

from edge.cli.failure import failure

if TYPE_CHECKING:
    from edge.picture import Picture


def write_picture(out: Path, drawn: "Picture") -> None:
    """Write a picture file in the format that its ending names. Raises typer.Exit if that fails."""
    import cv2

    try:
        written = cv2.imwrite(str(out), drawn)
    except cv2.error:
        written = False
    if not written:
        raise failure(f"cannot write {out}; name a file that ends in .jpg or .png")
