"""The number of terminals, by name or as a number."""

SCALES = {"demo": 24, "full": 1_436, "stress": 10_000}
"""`full` is the size of the district that this one is modelled on."""
MOST = 30_000
VILLAGES = 135


class BadScale(ValueError):
    """Neither a known name nor an allowed number of terminals."""

    def __init__(self, text: str) -> None:
        names = ", ".join(SCALES)
        super().__init__(f"{text!r} is no scale; write one of {names}, or a number up to {MOST:,}")
        self.text = text


def terminals_of(scale: str) -> int:
    """Raises BadScale."""
    if scale in SCALES:
        return SCALES[scale]
    if not scale.isdecimal() or not 0 < int(scale) <= MOST:
        raise BadScale(scale)
    return int(scale)
