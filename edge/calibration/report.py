"""Reports a calibration: a table, how good it is, and the lines for the cameras file."""

from collections.abc import Iterator

from rich.table import Table

from edge.calibration.fit import CalibrationFit, PointFit


def table(fit: CalibrationFit) -> Table:
    """A row for each point; unknown values are left blank."""
    drawn = Table("point", "u", "v", "off, m", "radius, m", "off without it, m", "")
    for number, one in enumerate(fit.points, start=1):
        at = one.point
        drawn.add_row(
            str(number),
            *(f"{value:.4f}" for value in (at.u, at.v)),
            *(f"{value:.2f}" for value in (one.off_m, one.error_m)),
            "" if one.alone_m is None else f"{one.alone_m:.2f}",
            "check this point" if one.doubtful else "",
        )
    return drawn


def verdict(fit: CalibrationFit) -> Iterator[str]:
    """How good the calibration is, line by line."""
    if len(fit.points) == 4:
        yield "Four points always fit: add a fifth, and a wrong one will show."
    else:
        yield f"Over all points the fit is {fit.off_m:.2f} m off (root mean square)."
    if fit.contradictory:
        yield _contradiction(fit)
    yield "A fault will be placed within"
    for distance_m, error_m in fit.errors_m.items():
        shown = "not in the picture" if error_m is None else f"{error_m:.1f} m"
        yield f"  {shown:>20} at {distance_m} m from the camera"


def _contradiction(fit: CalibrationFit) -> str:
    for number, one in enumerate(fit.points, start=1):
        if one.doubtful:
            return f"The others contradict point {number}: look at its place and its mark again."
    which = " A sixth would tell which." if len(fit.points) == 5 else ""
    return f"The points contradict each other: at least one has a wrong place or mark.{which}"


def to_paste(fit: CalibrationFit) -> Iterator[str]:
    """The line for the camera's entry in the cameras file."""
    yield '"homography": ['
    rows = [_row(one) for one in fit.points]
    yield from (f"  {row}," for row in rows[:-1])
    yield f"  {rows[-1]}"
    yield "]"


def _row(fit: PointFit) -> str:
    at = fit.point
    return f"[{at.u:.4f}, {at.v:.4f}, {at.lon:.7f}, {at.lat:.7f}]"
