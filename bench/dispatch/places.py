"""Places for new cases: near people, and so far from each other that no two are the same. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from random import Random

METRES_PER_DEGREE = 111_195.0
APART_M = 200.0
"""Well over the radius of the items that are used plus the error radius of both places."""
NEAR_M = 1_000.0


@dataclass(frozen=True, slots=True)
class DrawnPlace:
    """Longitude and latitude in degrees."""

    lon: float
    lat: float


class TooFewPlaces(ValueError):
    """The district has no room for so many cases."""

    def __init__(self, wanted: int, found: int) -> None:
        super().__init__(
            f"{wanted:,} signals need as many places, and only {found:,} are near people"
        )


def draw_places(people: Sequence[DrawnPlace], count: int, rng: Random) -> list[DrawnPlace]:
    """So many places within NEAR_M of somebody and APART_M of each other. Raises TooFewPlaces."""
    shrink = cos(radians(people[0].lat))
    lat_step = APART_M / METRES_PER_DEGREE
    lon_step = lat_step / shrink
    reach = int(NEAR_M / APART_M / 1.5)
    cells = {
        (round(person.lon / lon_step) + east, round(person.lat / lat_step) + north)
        for person in people
        for east in range(-reach, reach + 1)
        for north in range(-reach, reach + 1)
    }
    if len(cells) < count:
        raise TooFewPlaces(count, len(cells))
    chosen = rng.sample(sorted(cells), count)
    return [
        DrawnPlace(round(east * lon_step, 6), round(north * lat_step, 6)) for east, north in chosen
    ]
