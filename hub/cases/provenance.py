"""The origin of a repair photo: the checks that it must pass before it is judged. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.geo.distance import distance_m

REACH_M = 100.0
"""A photo counts as taken at the case within this distance, plus both error radii."""
LIKE_BITS = 7
"""Perceptual hashes that differ in no more of their 64 bits are of the same picture.

Measured on 136 pictures: encoded anew (quality 25), at a quarter of the size, lighter, darker or cut by 1 %
at each side they differ in 0 to 5 bits, cut by 2 % in 6 at the median; of 7,140 pairs of different
photos of streets the nearest differ in 8, and one in a hundred in 18 or 19.
"""
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
    `known_sender`: a registered device or an account. `used_in`: a case that already has it. `like`: the
    photo of its own case that it nearly equals. `is_claimed`: its time and place are what an account says.
    """

    sha256: str
    taken_at: datetime
    received_at: datetime
    lon: float | None
    lat: float | None
    error_m: float
    known_sender: bool
    used_in: str | None
    like: str | None
    is_claimed: bool


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


def of_the_case(sha256: str) -> Provenance:
    """The answer for a photo that the case has already."""
    return Provenance(sha256, (Check("of_the_case", True, "the case has it"),))


def examine(photo: PhotoOrigin, scene: Scene) -> Provenance:
    """Check a photo against its case."""
    return Provenance(
        photo.sha256,
        (
            Check("arrived", True, "the photo is stored"),
            _after_routing(photo, scene),
            _within_reach(photo, scene),
            _not_used(photo),
            _new_picture(photo),
            _known_sender(photo),
        ),
    )


def _after_routing(photo: PhotoOrigin, scene: Scene) -> Check:
    passed = scene.routed_at < photo.taken_at <= photo.received_at + CLOCK_TOLERANCE
    if passed:
        return Check("after_routing", True, f"taken after the case was routed{_by_claim(photo)}")
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
        detail = f"taken {distance:.0f} m from the place{_by_claim(photo)}"
        return Check("within_reach", True, detail)
    detail = f"it was taken {distance:.0f} m away, more than {reach:.0f} m; go to the place"
    return Check("within_reach", False, detail)


def _not_used(photo: PhotoOrigin) -> Check:
    if photo.used_in is None:
        return Check("not_used", True, "not used before")
    detail = f"it is already evidence of case {photo.used_in}; take a new photo"
    return Check("not_used", False, detail)


def _new_picture(photo: PhotoOrigin) -> Check:
    if photo.like is None:
        return Check("new_picture", True, "unlike the photos of this case")
    detail = f"it is nearly the same picture as photo {photo.like[:12]} of this case"
    return Check("new_picture", False, f"{detail}; photograph the place as it is now")


def _by_claim(photo: PhotoOrigin) -> str:
    return ", as its uploader says; nothing proves it" if photo.is_claimed else ""


def _known_sender(photo: PhotoOrigin) -> Check:
    if photo.known_sender:
        return Check("known_sender", True, "from a registered device or an account")
    detail = "its sender is neither a registered device nor an account; send it through one"
    return Check("known_sender", False, detail)
