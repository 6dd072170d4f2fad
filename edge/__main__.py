"""The edge node's commands."""

import os
import signal
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.calibrate.fit import Stand
    from edge.ground import Calibrated
    from edge.picture import Picture
    from models import Detections, OnnxDetector

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
    _FRAMES_MQTT_PORT (the cameras' own broker), _CAMERA_CA_FILE (authorities that sign the certificates of
    rtsps and https cameras), _PRECISION (auto, fp32 or int8), _OUTBOX_MAX_MB (512),
    _HEALTH_EVERY_S (10), and for models that the hub sends, see docs/edge.md, _MODEL_KEY,
    _MODEL_MAX_MB (64), _MODEL_FILE_URLS (false), _TRIAL_LOOKS (200) and _TRIAL_SLOWEST (1.5).

    The cameras file is a JSON list, all of it described in docs/cameras.md:

    \b
    [{"camera_id": "C-001",          as the hub knows it
      "source": "mqtt",              where its frames come from
      "place": [103.82, 25.61],      lon, lat
      "coverage_m": 40,              how far it sees (40)
      "every_s": 1,                  at most one frame in so many seconds
      "homography": POINTS}]         where some points of the road lie

    \b
    A source is one of
      mqtt                           the camera publishes its frames
      rtsp://USER:PASSWORD@HOST/PATH key frames of a video stream
      http://USER:PASSWORD@HOST/PATH a JPEG asked for each second, or MJPEG
      mjpeg+http://HOST/PATH         MJPEG that calls itself something else
      folder:/PATH  file:/PATH.jpg   JPEG files

    homography, made by `python -m edge calibrate`, gives faults their place on the road; without it
    their place is the camera's.
    """  # noqa: D301  click's mark of lines that stay as they are
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

    from edge.node import Node
    from edge.released import ready
    from edge.remote.shelf import Shelf
    from edge.remote.starting import first_model
    from models import ModelRejected

    load = partial(ready, precision=settings.precision)
    try:
        shelf = Shelf(settings.data_dir / "models")
        in_use = first_model(shelf, load, settings.model_dir)
    except (ModelRejected, OSError) as error:
        raise _failure(f"cannot begin with a model ({settings.model_dir}): {error}") from None
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if not Node(settings, watched, in_use, shelf, load).run(stop):
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
        from edge.drawing import annotated

        _write_picture(out, annotated(shown, found))


@app.command()
def calibrate(
    cameras: Annotated[Path | None, typer.Option(help="The cameras file.")] = None,
    camera: Annotated[str | None, typer.Option(help="Id of the camera in that file.")] = None,
    place: Annotated[
        str | None, typer.Option(help="Without a cameras file: lon,lat of the camera.")
    ] = None,
    coverage_m: Annotated[
        float | None, typer.Option(min=1, max=1000, help="How far it sees (the file's, or 40).")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="A JPEG of its view; else what it shows right now.")
    ] = None,
    points: Annotated[Path | None, typer.Option(help="File with a line u,v,lon,lat each.")] = None,
    point: Annotated[
        list[str] | None, typer.Option(help="One point u,v,lon,lat; again for each.")
    ] = None,
    ca_file: Annotated[
        Path | None,
        typer.Option(
            envvar="PATROLHUB_EDGE_CAMERA_CA_FILE",
            help="Authorities to check an encrypted camera's certificate against.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="The picture to check by.")] = Path("calibration.jpg"),
) -> None:
    """Find out where on the ground each point of a camera's picture lies.

    First run it without points: it writes the picture with a ruler. Then choose four or more points
    on the road whose places are known, such as corners of markings, covers or kerbs, measured on the
    spot or read from an aerial picture: spread over the view, near and far, left and right, no three
    on a line. u runs from the left edge to the right, v from the upper edge down, in fractions of
    the picture or in pixels; lon and lat are WGS-84.

    Run it again with the points: it states how well they fit, writes the picture with a grid of
    metres laid on the road, and prints what to paste into the cameras file.
    """
    from edge.calibrate.marks import BadMarks, calibrated, read_marks
    from edge.calibrate.subject import BadSubject, subject
    from edge.ground import BadCalibration
    from edge.settings import BadSettings

    try:
        marks = [*(read_marks(points) if points else ()), *(point or ())]
        chosen = subject(cameras, camera, place, coverage_m)
        shown = chosen.picture(picture, ca_file)
        if marks:
            height, width = shown.shape[:2]
            _calibrate(chosen.stand, calibrated(marks, width, height), shown, out)
        else:
            _rule(shown, out)
    except (BadMarks, BadSubject, BadSettings, BadCalibration) as error:
        raise _failure(str(error)) from None


def _rule(shown: "Picture", out: Path) -> None:
    from edge.calibrate.check import ruled

    _write_picture(out, ruled(shown))
    typer.echo(f"{out} has a ruler; run this again with four or more points u,v,lon,lat")


def _calibrate(stand: "Stand", points: "Sequence[Calibrated]", shown: "Picture", out: Path) -> None:
    from rich.console import Console

    from edge.calibrate.check import checked
    from edge.calibrate.fit import assess
    from edge.calibrate.report import table, to_paste, verdict

    fit = assess(stand, points)
    Console().print(table(fit))
    for line in verdict(fit):
        typer.echo(line)
    _write_picture(out, checked(shown, stand.site(points), fit))
    typer.echo(f"{out} shows the grid: do its lines lie on the road as they should?\n")
    for line in to_paste(fit):
        typer.echo(line)


def _write_picture(out: Path, drawn: "Picture") -> None:
    import cv2

    try:
        written = cv2.imwrite(str(out), drawn)
    except cv2.error:
        written = False
    if not written:
        raise _failure(f"cannot write {out}; name a file that ends in .jpg or .png")


def _load(directory: Path, precision: str) -> "OnnxDetector":
    from models import ModelRejected, OnnxDetector

    try:
        return OnnxDetector.load(directory, precision=precision)
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
