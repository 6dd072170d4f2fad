"""The edge node's commands."""

import os
import signal
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from models import Detections, Detector

app = typer.Typer(
    help="Watch street cameras for faults, and tell the hub of each one once it is certain.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def run(
    edge_id: Annotated[
        str | None, typer.Option(help="This node's id and MQTT login: E-01.")
    ] = None,
    district: Annotated[str | None, typer.Option(help="Administrative code: 530303.")] = None,
    mqtt_host: Annotated[str | None, typer.Option(help="The hub's broker (127.0.0.1).")] = None,
    mqtt_port: Annotated[int | None, typer.Option(help="Its port (1883).")] = None,
    model_dir: Annotated[
        Path | None, typer.Option(help="Folder of the detector (models/street).")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where slots and undelivered messages are kept.")
    ] = None,
    cameras: Annotated[
        Path | None, typer.Option(help="JSON file of the cameras to watch, see above.")
    ] = None,
) -> None:
    """Watch the cameras and deliver what is found, until SIGTERM or Ctrl-C.

    Each option is also a variable, PATROLHUB_EDGE_EDGE_ID and so on; the password comes only as
    PATROLHUB_EDGE_MQTT_PASSWORD. Further variables: PATROLHUB_EDGE_FRAMES_MQTT_HOST and
    _FRAMES_MQTT_PORT (the cameras' own broker), _PRECISION (fp32 or int8), _OUTBOX_MAX_MB (512),
    _HEALTH_EVERY_S (10).

    The cameras file is a list such as
    [{"camera_id": "C-001", "source": "mqtt", "place": [103.82, 25.61], "coverage_m": 40,
    "homography": [[0.1, 0.9, 103.8201, 25.6101], ...]}]; a source may also be
    "folder:/path/of/jpegs", and homography (at least four points u, v, lon, lat) may be left out.
    """
    from edge.lean import stay_lean
    from edge.logs import configure_logs

    stay_lean()
    from edge.settings import BadSettings, UnknownVariable, read_cameras, read_settings

    configure_logs()
    flags = {
        "edge_id": edge_id,
        "district": district,
        "mqtt_host": mqtt_host,
        "mqtt_port": mqtt_port,
        "model_dir": model_dir,
        "data_dir": data_dir,
        "cameras": cameras,
    }
    try:
        settings = read_settings(os.environ, flags)
        watched = read_cameras(settings.cameras)
    except (UnknownVariable, BadSettings) as error:
        raise _failure(str(error)) from None
    detector = _load(settings.model_dir, settings.precision)

    from edge.node import Node
    from edge.released import model_of

    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    node = Node(settings, watched, detector, model_of(detector.manifest, settings.precision))
    if not node.run(stop):
        raise typer.Exit(1)


@app.command()
def look(
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
        raise _failure(f"{image}: {error}") from None
    found = _load(model, "fp32").detect(shown, min_score=min_score)
    _print_table(image, found)
    if out is not None:
        import cv2

        from edge.drawing import annotated

        if not cv2.imwrite(str(out), annotated(shown, found)):
            raise _failure(f"cannot write {out}; name a file that ends in .jpg or .png")


def _load(directory: Path, precision: str) -> "Detector":
    from models import Detector, ModelRejected

    try:
        return Detector.load(directory, precision=precision)
    except ModelRejected as error:
        raise _failure(f"cannot use the model in {directory}: {error}") from None


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


def _failure(reason: str) -> typer.Exit:
    typer.echo(f"edge: {reason}", err=True)
    return typer.Exit(2)


if __name__ == "__main__":
    app()
