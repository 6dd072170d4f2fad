"""Rendered streets as cameras send them."""

from dataclasses import dataclass

from rich.progress import track

from scenes import CoverState, StreetScene, encode_jpeg

FPS = 5
_FIRST_SEED = 2


@dataclass(frozen=True)
class Footage:
    """Some seconds of one camera at 5 frames a second, as JPEG, to be shown round and round.

    `sound` shows the cover whole, `broken` the same moments with a broken one.
    """

    sound: tuple[bytes, ...]
    broken: tuple[bytes, ...]


def render(streets: int, seconds: int, width: int, height: int) -> list[Footage]:
    """Render as many streets; a street of 5 s takes about 3 s to render."""
    seeds = range(_FIRST_SEED, _FIRST_SEED + streets)
    return [
        _filmed(StreetScene(seed, width, height), seconds)
        for seed in track(seeds, "rendering streets")
    ]


def _filmed(scene: StreetScene, seconds: int) -> Footage:
    def film(cover: CoverState) -> tuple[bytes, ...]:
        instants = (frame / FPS for frame in range(seconds * FPS))
        return tuple(encode_jpeg(scene.frame(at_s, cover).image) for at_s in instants)

    return Footage(film(CoverState.GOOD), film(CoverState.BROKEN))
