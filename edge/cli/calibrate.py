"""`python -m edge calibrate`: where on the ground each point of a camera's picture lies."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.cli.failure import failure
from edge.cli.pictures import write_picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge.calibration.fit import Viewpoint
    from edge.ground import CalibrationPoint
    from edge.picture import Picture

_Picture = Annotated[
    Path | None, typer.Option(help="A JPEG of its view; without it, the camera is asked.")
]
_Point = Annotated[
    list[str] | None, typer.Option(help="One point u,v,lon,lat; repeat it for each.")
]
_CaFile = Annotated[
    Path | None,
    typer.Option(
        envvar="PATROLHUB_EDGE_CAMERA_CA_FILE",
        help="Authorities to check an encrypted camera's certificate against.",
    ),
]


def calibrate(
    cameras: Annotated[Path | None, typer.Option(help="The cameras file.")] = None,
    camera: Annotated[str | None, typer.Option(help="Id of the camera in that file.")] = None,
    place: Annotated[
        str | None, typer.Option(help="Without a cameras file: lon,lat of the camera.")
    ] = None,
    coverage_m: Annotated[
        float | None, typer.Option(min=1, max=1000, help="How far it sees (the file's, or 40).")
    ] = None,
    picture: _Picture = None,
    points: Annotated[Path | None, typer.Option(help="File with a line u,v,lon,lat each.")] = None,
    point: _Point = None,
    ca_file: _CaFile = None,
    out: Annotated[Path, typer.Option(help="The picture to check by.")] = Path("calibration.jpg"),
) -> None:
    """Find out where on the ground each point of a camera's picture lies.

    First run it without points: it writes the picture with a ruler. Then choose four or more points
    on the road whose places are known, such as corners of markings, covers or kerbs, measured on the
    spot or read from an aerial picture. Spread them over the view, near and far, left and right, with
    no three on a line. u runs from the left edge to the right and v from the upper edge down, in
    fractions of the picture or in pixels; lon and lat are WGS-84.

    Run it again with the points: it says how well they fit, writes the picture with a grid in metres
    laid on the road, and prints the lines to paste into the cameras file.
    """
    from edge.calibration.camera import BadCameraChoice, choose_camera
    from edge.settings import BadSettings

    lines = _lines(points, point or ())
    try:
        chosen = choose_camera(cameras, camera, place, coverage_m)
        shown = chosen.picture(picture, ca_file)
    except (BadCameraChoice, BadSettings) as error:
        raise failure(str(error)) from None
    if lines:
        _fit(chosen.viewpoint, _parsed(lines, shown), shown, out)
    else:
        _draw_ruler(shown, out)


def _lines(file: Path | None, given: "Sequence[str]") -> list[str]:
    from edge.calibration.points import BadPoints, read_points

    try:
        return [*(read_points(file) if file else ()), *given]
    except BadPoints as error:
        raise failure(str(error)) from None


def _parsed(lines: list[str], shown: "Picture") -> "list[CalibrationPoint]":
    from edge.calibration.points import BadPoints, parse_points

    height, width = shown.shape[:2]
    try:
        return parse_points(lines, width, height)
    except BadPoints as error:
        raise failure(str(error)) from None


def _draw_ruler(shown: "Picture", out: Path) -> None:
    from edge.calibration.overlay import with_ruler

    write_picture(out, with_ruler(shown))
    typer.echo(f"{out} has a ruler; run this again with four or more points u,v,lon,lat")


def _fit(
    viewpoint: "Viewpoint", points: "Sequence[CalibrationPoint]", shown: "Picture", out: Path
) -> None:
    from rich.console import Console

    from edge.calibration.fit import assess
    from edge.calibration.overlay import with_ground_grid
    from edge.calibration.report import table, to_paste, verdict
    from edge.ground import BadCalibration

    try:
        fit = assess(viewpoint, points)
    except BadCalibration as error:
        raise failure(str(error)) from None
    Console().print(table(fit))
    for line in verdict(fit):
        typer.echo(line)
    write_picture(out, with_ground_grid(shown, viewpoint.site(points), fit))
    typer.echo(f"{out} shows the grid: do its lines lie on the road as they should?\n")
    for line in to_paste(fit):
        typer.echo(line)
