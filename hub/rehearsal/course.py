"""How the people in charge of a case will act: drawn once for each case. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Diligence(StrEnum):
    """How a unit treats a case."""

    PROMPT = "prompt"
    USUAL = "usual"
    LATE = "late"
    DARK = "dark"
    """It signs nothing by itself, and acts only once it was pressed."""


_SHARES = {
    Diligence.PROMPT: 46.0,
    Diligence.USUAL: 38.0,
    Diligence.LATE: 12.0,
    Diligence.DARK: 4.0,
}
_PACE = {
    Diligence.PROMPT: (0.1, 0.5),
    Diligence.USUAL: (0.4, 0.95),
    Diligence.LATE: (1.05, 1.6),
    Diligence.DARK: (2.2, 4.0),
}


@dataclass(frozen=True, slots=True)
class CaseCourse:
    """The fate of one case.

    `pace` is the share of the limit after which the unit feeds back. `operator_min` is how long people at
    the desk take for a step. `attempts` are the calls until somebody answers.
    """

    diligence: Diligence
    pace: float
    sign_share: float
    operator_min: float
    returns: bool
    extends: bool
    fails_first: bool
    satisfied: bool
    attempts: int
    is_false_alarm: bool
    appeals: bool


def draw_course(rng: Random, strictness: float = 0.0) -> CaseCourse:
    """A course; `strictness` (-1 to 1) shifts the unit's diligence to the better."""
    shares = [
        share * (1 + strictness if kind is Diligence.PROMPT else 1 - strictness / 2)
        for kind, share in _SHARES.items()
    ]
    diligence = rng.choices(list(_SHARES), shares)[0]
    low, high = _PACE[diligence]
    return CaseCourse(
        diligence=diligence,
        pace=rng.uniform(low, high),
        sign_share=rng.uniform(0.02, 0.2),
        operator_min=rng.uniform(2, 25),
        returns=rng.random() < 0.04,
        extends=rng.random() < 0.06,
        fails_first=rng.random() < 0.08,
        satisfied=rng.random() < 0.93,
        attempts=rng.choices((1, 2, 3), (80, 14, 6))[0],
        is_false_alarm=rng.random() < 0.05,
        appeals=rng.random() < 0.3,
    )
