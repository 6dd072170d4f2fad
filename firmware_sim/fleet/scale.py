"""How many terminals: by name, or as a number."""

SCALES = {"demo": 24, "full": 1_436, "stress": 10_000}
"""`full` is what the district that this is modelled on has."""
MOST = 30_000
VILLAGES = 135


class BadScale(ValueError):
    """Neither a name nor a number of terminals that can be had."""

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
