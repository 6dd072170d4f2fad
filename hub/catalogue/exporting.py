"""The catalogue as a file that the import reads back without a change: CSV, XLSX or YAML."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

import yaml

from hub.catalogue.columns import EXPORTED, word_of
from hub.catalogue.item import CatalogueItem, Condition, DetectorRule, LimitStep
from hub.catalogue.limit_text import limit_code, limit_words
from hub.catalogue.unit_book import UnitBook
from hub.tables import Column, Table, TableFormat, table_bytes

_Cells = dict[str, str]


class ListFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    YAML = "yaml"


def exported(
    items: Sequence[CatalogueItem], form: ListFormat, book: UnitBook, *, chinese: bool
) -> bytes:
    """The items as a file. `chinese`: titles, words and names of units are Chinese, else codes."""
    if form is ListFormat.YAML:
        bodies = [
            each.model_dump(mode="json", by_alias=True, exclude_defaults=True) for each in items
        ]
        text = yaml.safe_dump(bodies, allow_unicode=True, sort_keys=False, width=110)
        return text.encode()
    words = _Words(book, chinese=chinese)
    columns = tuple(Column(each.key, each.title_zh if chinese else each.key) for each in EXPORTED)
    rows = (
        [cells.get(each.key, "") for each in EXPORTED]
        for item in items
        for cells in words.rows(item)
    )
    table = Table("确权清单" if chinese else "catalogue", columns, rows)
    return table_bytes(table, TableFormat(form))


class _Words:
    """Writes items into cells, by field."""

    def __init__(self, book: UnitBook, *, chinese: bool) -> None:
        self._chinese = chinese
        self._unit: Callable[[str], str] = book.name if chinese else str
        self._none, self._and = ("无", "、") if chinese else ("none", ", ")

    def rows(self, item: CatalogueItem) -> Iterator[_Cells]:
        """The rows of an item: one for each condition, and one for each step of a staged limit."""
        told = self._item(item)
        for condition in item.conditions:
            yield told | self._condition(condition)
            told = {}
            for step in condition.steps:
                yield self._step(step)

    def _item(self, item: CatalogueItem) -> _Cells:
        return {
            "item_key": item.item_key,
            "title_zh": item.title_zh,
            "title_en": item.title_en,
            "kind": self._word("kind", item.kind),
            "std_codes": "; ".join(
                f"{each.edition} {each.code} {each.verified}" for each in item.std_codes
            ),
            "owner_rule": self._word("owner_rule", item.owner_rule),
            "routing_mode": self._word("routing_mode", item.routing_mode),
            "lead_unit": self._unit(item.lead_unit) if item.lead_unit else self._none,
            "assist_units": self._and.join(map(self._unit, item.assist_units)),
            "territory_level": self._word("territory_level", item.territory_level),
            "asset_types": self._and.join(item.asset_types),
            "legal_basis": item.legal_basis or "",
            "radius_m": f"{item.dedup.radius_m:g}",
            "window_h": f"{item.dedup.window_h:g}",
            "verify_before_filing": self._yes(item.verify_before_filing),
            "callback_required": self._yes(item.callback_required),
            "points": str(item.points),
            "effective_from": item.effective_from.isoformat() if item.effective_from else "",
            "effective_to": item.effective_to.isoformat() if item.effective_to else "",
            "approved_by": item.approved_by or "",
        }

    def _condition(self, condition: Condition) -> _Cells:
        cells = {
            "cond_key": condition.cond_key,
            "cond_text_zh": condition.text_zh,
            "cond_text_en": condition.text_en,
            "severity": self._word("severity", condition.severity),
            "evidence_required": self._and.join(map(self._evidence, condition.evidence_required))
            or self._none,
            "detectors": "; ".join(map(_detector, condition.detectors)) or self._none,
            "pass_score": "" if condition.pass_score is None else f"{condition.pass_score:g}",
            "pass_cleared": self._yes(condition.pass_cleared),
            "limit_note": condition.limit_note or "",
            "close_condition": condition.close_condition or "",
        }
        return cells if condition.steps else cells | self._limit(condition)

    def _step(self, step: LimitStep) -> _Cells:
        return {
            "step_key": step.step_key,
            "step_text_zh": step.text_zh,
            "step_text_en": step.text_en,
            "limit_note": step.limit_note or "",
            "close_condition": step.close_condition or "",
        } | self._limit(step)

    def _limit(self, timed: Condition | LimitStep) -> _Cells:
        words = limit_words if self._chinese else limit_code
        return {"limit": words(timed.limit), "policy": self._word("policy", timed.policy)}

    def _word(self, key: str, value: str) -> str:
        return word_of(key, value) if self._chinese else str(value)

    def _yes(self, value: bool) -> str:
        words = ("否", "是") if self._chinese else ("no", "yes")
        return words[value]

    def _evidence(self, kind: str) -> str:
        return "照片" if self._chinese and kind == "photo" else kind


def _detector(rule: DetectorRule) -> str:
    return f"{rule.label} {rule.min_score:g} {rule.min_hits} {rule.window_s:g}"
