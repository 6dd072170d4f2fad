"""A joint study of a case: what the units answer, the ruling, and what it proposes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hub.cases import Case
from hub.cases.case import Event
from hub.catalogue.item import CatalogueItem
from hub.catalogue.ruling import MAX_ERROR_M, Ruling, RulingPlace, RulingScope
from hub.journal import Entry


class StudyPosition(StrEnum):
    """What an invited unit says about who is responsible."""

    OURS = "ours"
    SHARED = "shared"
    """It takes part, but does not lead."""
    NOT_OURS = "not_ours"
    OPINION = "opinion"
    """It knows something, and takes no side."""


class ProposalState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    """It is in the catalogue."""
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Invitation:
    """How a study began. `reason` may say what is unclear."""

    at: datetime
    actor: str
    units: tuple[str, ...]
    reason: str | None


@dataclass(frozen=True, slots=True)
class StudyRuling:
    """How a study ended: the units, what was discussed and on what it is based."""

    at: datetime
    actor: str
    lead_unit: str
    assist_units: tuple[str, ...]
    minutes: str
    basis: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A ruling that shall become part of the catalogue. `version` is the one that it came in with."""

    proposal_id: int
    case_id: int
    item_key: str
    ruling: Ruling
    state: ProposalState
    proposed_at: datetime
    proposed_by: str
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None
    version: int | None = None


def invitation_of(entries: Sequence[Entry]) -> Invitation | None:
    """The last time that a case was referred to a study, from its entries, oldest first."""
    asked = _last(entries, Event.REFER_STUDY)
    if asked is None:
        return None
    return Invitation(asked.at, asked.actor, _words(asked.data.get("units")), asked.reason)


def ruling_of(entries: Sequence[Entry]) -> StudyRuling | None:
    """The ruling of the last study, from the case's entries, oldest first; None while it runs."""
    asked, ruled = _last(entries, Event.REFER_STUDY), _last(entries, Event.RULE)
    if ruled is None or (asked is not None and asked.journal_id > ruled.journal_id):
        return None
    changed = ruled.data.get("changes")
    assist = changed.get("assist_units") if isinstance(changed, dict) else None
    return StudyRuling(
        at=ruled.at,
        actor=ruled.actor,
        lead_unit=str(ruled.data.get("unit_key", "")),
        assist_units=_words(assist if assist is not None else ruled.data.get("units")),
        minutes=str(ruled.data.get("text", "")),
        basis=ruled.reason or "",
    )


def scope_of(case: Case, item: CatalogueItem, asset_type: str | None) -> RulingScope:
    """The question that a case asks, unless somebody widens it: its condition, and kind or place.

    The kind of asset if one is meant, else the place: as far as a case there would be the same one.
    """
    if asset_type is not None:
        return RulingScope(cond_key=case.cond_key, asset_type=asset_type)
    radius_m = item.dedup.radius_m + min(case.error_m, MAX_ERROR_M)
    place = RulingPlace(lon=case.lon, lat=case.lat, radius_m=radius_m)
    return RulingScope(cond_key=case.cond_key, place=place)


def _last(entries: Sequence[Entry], event: Event) -> Entry | None:
    return next((each for each in reversed(entries) if each.event == event), None)


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, list) else ()
