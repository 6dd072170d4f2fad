"""What a new version of a score sheet changes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.indicators.case_sets import Grouping
from hub.indicators.scores import ScorePart, ScoreSheet, ScoreTerm


@dataclass(frozen=True, slots=True)
class TermChange:
    """A term of a part that is new, gone or different; `before` or `after` is None where there is none."""

    by: Grouping
    before: ScoreTerm | None
    after: ScoreTerm | None

    def text(self) -> str:
        if self.before is None or self.after is None:
            return f"{'-' if self.after is None else '+'} {self.by}: {_said(self.before or self.after)}"
        return f"~ {self.by}: {_said(self.before)} -> {_said(self.after)}"


@dataclass(frozen=True, slots=True)
class SheetChanges:
    """`renamed`: the sheet or one of its parts has another name."""

    is_new: bool
    renamed: bool
    terms: tuple[TermChange, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.is_new or self.renamed or self.terms)


def sheet_changes(before: ScoreSheet | None, after: ScoreSheet) -> SheetChanges:
    """What a sheet changes of its version before; None if there is none."""
    old = {} if before is None else {part.by: part for part in before.parts}
    new = {part.by: part for part in after.parts}
    changes: list[TermChange] = []
    for by in [*new, *(by for by in old if by not in new)]:
        changes += _term_changes(by, old.get(by), new.get(by))
    named = before is not None and _names(before) != _names(after)
    return SheetChanges(before is None, named, tuple(changes))


def _term_changes(
    by: Grouping, before: ScorePart | None, after: ScorePart | None
) -> list[TermChange]:
    old, new = _terms(before), _terms(after)
    keys = [*new, *(key for key in old if key not in new)]
    return [
        TermChange(by, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)
    ]


def _terms(part: ScorePart | None) -> Mapping[tuple[str, int], ScoreTerm]:
    """The terms of a part by their rate, and which of several with the same one it is."""
    found: dict[tuple[str, int], ScoreTerm] = {}
    for term in () if part is None else part.terms:
        name = term.rate or " ".join(sorted(term.minus))
        at = sum(1 for known, _ in found if known == name)
        found[(name, at)] = term
    return found


def _names(sheet: ScoreSheet) -> list[tuple[str, str, str]]:
    parts = [(str(part.by), part.name_zh, part.name_en) for part in sheet.parts]
    return [(sheet.sheet_key, sheet.name_zh, sheet.name_en), *parts]


def _said(term: ScoreTerm | None) -> str:
    if term is None:
        return ""
    shown = term.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return ", ".join(f"{name} {value}" for name, value in shown.items())
