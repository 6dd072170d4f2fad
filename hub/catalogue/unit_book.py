"""The units that a list may name: registered ones, and names with a confirmed meaning. Pure."""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from hub.catalogue.sheets import plain

_APART = re.compile(r"[、，,；;/|]+")
_LINES = re.compile(r"[\r\n]+")
_CLOSE_ENOUGH = 0.5


class VagueUnit(StrEnum):
    """What a name that is no unit can stand for."""

    STUDY = "study"
    """A joint study decides each time, as for 各产权单位."""
    TERRITORY = "territory"
    """The territory around the place, as for 属地."""


class UnknownUnit(ValueError):
    """A name is no registered unit and has no confirmed meaning. `name` is the name as written."""

    def __init__(self, name: str, reason: str, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.name = name
        self.suggestions = suggestions


@dataclass(frozen=True, slots=True)
class ListedUnits:
    """The units of a cell: registered ones in their order, and the meanings of vague ones.

    `territory_leads`: the territory is named before any unit.
    """

    units: tuple[str, ...] = ()
    vague: frozenset[VagueUnit] = frozenset()
    territory_leads: bool = False


@dataclass(frozen=True)
class UnitBook:
    """`names` has the key of each name of a registered unit, `ambiguous` the names of several units.

    `confirmed` has what a person said that a name stands for: a unit's key, or a word of VagueUnit.
    Names are compared without blanks. `keys` may be written themselves; those of `registered` exist.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()
    registered: frozenset[str] = frozenset()
    ambiguous: frozenset[str] = frozenset()
    confirmed: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)

    def read(self, text: str) -> ListedUnits:
        """The units of a cell, which stand apart by 、 or the like. Raises UnknownUnit."""
        found = [self._meaning(name) for name in self._names(text)]
        units = [each for each in found if not isinstance(each, VagueUnit)]
        vague = frozenset(each for each in found if isinstance(each, VagueUnit))
        leads = bool(found) and found[0] is VagueUnit.TERRITORY
        return ListedUnits(tuple(dict.fromkeys(units)), vague, leads)

    def with_meanings(self, meanings: Mapping[str, str]) -> "UnitBook":
        """The book with meanings that are confirmed for one reading."""
        added = {plain(name): meaning for name, meaning in meanings.items()}
        return replace(self, confirmed={**self.confirmed, **added})

    def name(self, key: str) -> str:
        """How a unit is written in a list: its Chinese name, or its key if that is not clear."""
        return self.shown.get(key, key)

    def _names(self, text: str) -> Iterable[str]:
        for part in _APART.split(text):
            joined = _LINES.sub("", part).strip()
            if not joined:
                continue
            if joined != part.strip() and not self._is_known(joined):
                yield from filter(None, map(str.strip, _LINES.split(part)))
            else:
                yield joined

    def _is_known(self, name: str) -> bool:
        word = plain(name)
        return word in self.confirmed or word in self.names or word in self.keys

    def _meaning(self, name: str) -> str | VagueUnit:
        word = plain(name)
        if (said := self.confirmed.get(word)) is not None:
            return VagueUnit(said) if said in set(VagueUnit) else said
        if word in self.ambiguous:
            raise UnknownUnit(name, f"{name} is the name of several units: write the key of one")
        key = self.names.get(word) or (word if word in self.keys else None)
        if key is not None:
            return key
        near = self._near(word)
        hint = f"; did you mean {' or '.join(map(self._called, near))}?" if near else ""
        raise UnknownUnit(
            name, f"{name} is no registered unit{hint}; confirm what it stands for", near
        )

    def _near(self, word: str) -> tuple[str, ...]:
        close = difflib.get_close_matches(word, self.names, n=3, cutoff=_CLOSE_ENOUGH)
        held = [each for each in self.names if len(each) > 1 and (each in word or word in each)]
        return tuple(dict.fromkeys(self.names[each] for each in [*held, *close]))[:3]

    def _called(self, key: str) -> str:
        name = self.name(key)
        return key if name == key else f"{name} ({key})"


def unit_book(
    registered: Iterable[tuple[str, str, str]],
    confirmed: Mapping[str, str],
    also_known: Iterable[str] = (),
) -> UnitBook:
    """The book of the registered units, each as key, Chinese and English name.

    `also_known` are keys that the catalogue uses already, registered or not.
    """
    keys_of: dict[str, set[str]] = defaultdict(set)
    shown: dict[str, str] = {}
    keys = set(also_known)
    for key, zh, en in registered:
        keys.add(key)
        for name in (zh, en):
            if plain(name):
                keys_of[plain(name)].add(key)
        shown[key] = zh
    ambiguous = {name for name, found in keys_of.items() if len(found) > 1}
    return UnitBook(
        names={name: min(found) for name, found in keys_of.items() if name not in ambiguous},
        keys=frozenset(keys),
        registered=frozenset(shown),
        ambiguous=frozenset(ambiguous),
        confirmed={plain(name): meaning for name, meaning in confirmed.items()},
        shown={
            key: zh
            for key, zh in shown.items()
            if zh and plain(zh) not in ambiguous and "、" not in zh
        },
    )
