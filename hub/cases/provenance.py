"""The origin of a repair photo: the checks that it must pass before it is judged. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.geo.distance import distance_m

REACH_M = 100.0
"""A photo counts as taken at the case within this distance, plus both error radii."""
CLOCK_TOLERANCE = timedelta(seconds=60)
"""A device's clock may be this much ahead of ours."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, whether it was passed, and a sentence that says what to do if not."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """All checks of one photo."""

    sha256: str
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks)

    @property
    def arrived(self) -> bool:
        return self.checks[0].passed

    @property
    def first_refusal(self) -> Check | None:
        return next((check for check in self.checks if not check.passed), None)


@dataclass(frozen=True, slots=True)
class PhotoOrigin:
    """The known facts of a photo that has arrived.

    `lon`, `lat` with `error_m`: where its sender says it was taken, or else where the device was.
    `known_sender`: a registered device or an account. `used_in`: a case that already has it.
    """

    sha256: str
    taken_at: datetime
    received_at: datetime
    lon: float | None
    lat: float | None
    error_m: float
    known_sender: bool
    used_in: str | None


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and since when the repair could be photographed."""

    lon: float
    lat: float
    error_m: float
    routed_at: datetime


def not_arrived(sha256: str) -> Provenance:
    """The answer for a photo that the hub doesn't have."""
    detail = f"photo {sha256[:12]} has not arrived yet; wait for it, or send it again"
    return Provenance(sha256, (Check("arrived", False, detail),))


def examine(photo: PhotoOrigin, scene: Scene) -> Provenance:
    """Check a photo against its case."""
    return Provenance(
        photo.sha256,
        (
            Check("arrived", True, "the photo is stored"),
            _after_routing(photo, scene),
            _within_reach(photo, scene),
            _not_used(photo),
            _known_sender(photo),
        ),
    )


def _after_routing(photo: PhotoOrigin, scene: Scene) -> Check:
    passed = scene.routed_at < photo.taken_at <= photo.received_at + CLOCK_TOLERANCE
    if passed:
        return Check("after_routing", True, "taken after the case was routed")
    detail = (
        f"it was taken at {photo.taken_at.isoformat()}, not after {scene.routed_at.isoformat()}"
    )
    if photo.taken_at > photo.received_at:
        detail = f"it says that it was taken at {photo.taken_at.isoformat()}, later than it came in"
    return Check("after_routing", False, f"{detail}; take a new photo on the spot")


def _within_reach(photo: PhotoOrigin, scene: Scene) -> Check:
    if photo.lon is None or photo.lat is None:
        detail = "it is not known where it was taken; send a photo with its position"
        return Check("within_reach", False, detail)
    distance = distance_m(photo.lon, photo.lat, scene.lon, scene.lat)
    reach = REACH_M + scene.error_m + photo.error_m
    if distance <= reach:
        return Check("within_reach", True, f"taken {distance:.0f} m from the place")
    detail = f"it was taken {distance:.0f} m away, more than {reach:.0f} m; go to the place"
    return Check("within_reach", False, detail)


def _not_used(photo: PhotoOrigin) -> Check:
    if photo.used_in is None:
        return Check("not_used", True, "not used before")
    detail = f"it is already evidence of case {photo.used_in}; take a new photo"
    return Check("not_used", False, detail)


def _known_sender(photo: PhotoOrigin) -> Check:
    if photo.known_sender:
        return Check("known_sender", True, "from a registered device or an account")
    detail = "its sender is neither a registered device nor an account; send it through one"
    return Check("known_sender", False, detail)
