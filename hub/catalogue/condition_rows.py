"""The cells that tell of the conditions of an item, and of the steps of their limits. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hub.catalogue.columns import choices, value_of, yes_or_no
from hub.catalogue.item import CatalogueItem, Condition
from hub.catalogue.keys import key_of
from hub.catalogue.limit_text import UnreadableLimit, WrittenLimit, read_limits
from hub.catalogue.row_groups import ConditionRows, ItemRows, RowReader
from hub.catalogue.sheets import plain
from hub.deadlines import Limit, LimitType, Policy
from hub.deadlines.limits import IN_DAYS

_APART = re.compile(r"[、，,；;\s]+")
_LISTS = re.compile(r"[；;\r\n]+")
_NONE = frozenset({"无", "none", "-", "/", "—"})
_EVIDENCE = {"照片": "photo", "图片": "photo", "photo": "photo"}
_ONLY = "reported"
"""The key of the one condition of an item whose list has no column for conditions."""


class ConditionCells:
    """Reads the conditions of items."""

    def __init__(self, reader: RowReader) -> None:
        self._reader = reader

    def bodies(self, rows: ItemRows, known: CatalogueItem | None) -> list[dict[str, Any]]:
        """The conditions of an item, each on top of the present one of the same key or text."""
        found: list[dict[str, Any]] = []
        for each in rows.conditions:
            taken = {str(body["cond_key"]) for body in found}
            found.append(self._body(rows, each, known, taken))
        return found

    def _body(
        self, item: ItemRows, rows: ConditionRows, known: CatalogueItem | None, taken: set[str]
    ) -> dict[str, Any]:
        text = self._line(rows.first, "cond_text_zh")
        present = self._present(rows, text, known)
        key = self._reader.text(rows.first, "cond_key")
        body: dict[str, Any] = {}
        if present is not None:
            body = present.model_dump(mode="json", by_alias=True)
        key = key or (
            present.cond_key if present is not None else self._new_key(text, known, taken)
        )
        text = text or str(body.get("text_zh") or item.title)
        same = present is not None and present.text_zh == text
        english = self._line(rows.first, "cond_text_en")
        body |= {"cond_key": key, "text_zh": text}
        body["text_en"] = english or (body["text_en"] if same else text)
        self._read_severity(item, rows, body)
        if self._reader.has("evidence_required"):
            body["evidence_required"] = self._evidence(rows)
        if self._reader.has("detectors"):
            body["detectors"] = self._detectors(item, rows)
        self._read_pass_policy(item, rows, body)
        self._read_limits(item, rows, body, present)
        return body

    def _present(
        self, rows: ConditionRows, text: str, known: CatalogueItem | None
    ) -> Condition | None:
        if known is None:
            return None
        if key := self._reader.text(rows.first, "cond_key"):
            return known.condition(key)
        if not self._reader.has("cond_text_zh"):
            return known.conditions[0] if len(known.conditions) == 1 else known.condition(_ONLY)
        return next((each for each in known.conditions if plain(each.text_zh) == plain(text)), None)

    def _new_key(self, text: str, known: CatalogueItem | None, taken: set[str]) -> str:
        if not self._reader.has("cond_text_zh"):
            return _ONLY
        used = taken | {each.cond_key for each in (known.conditions if known else ())}
        return key_of(text, used, "condition")

    def _line(self, row: int, key: str) -> str:
        text = self._reader.text(row, key)
        return "" if plain(text) in _NONE else re.sub(r"\s*[\r\n]+\s*", "", text)

    def _read_severity(self, item: ItemRows, rows: ConditionRows, body: dict[str, Any]) -> None:
        text = self._line(rows.first, "severity")
        if not text:
            return
        value = value_of("severity", text)
        if value is None:
            reason = f"{text!r} is none of {choices('severity')}"
            self._reader.refuse(rows.first, "severity", reason, item.title)
        else:
            body["severity"] = value

    def _read_pass_policy(self, item: ItemRows, rows: ConditionRows, body: dict[str, Any]) -> None:
        """What lets the system pass a repair: the least score of the model, and the cameras."""
        if self._reader.has("pass_score"):
            text = self._line(rows.first, "pass_score")
            try:
                body["pass_score"] = float(text) if text else None
            except ValueError:
                reason = f"{text!r} is no number"
                self._reader.refuse(rows.first, "pass_score", reason, item.title)
        if text := self._line(rows.first, "pass_cleared"):
            cleared = yes_or_no(text)
            if cleared is None:
                reason = f"{text!r} is neither 是 nor 否"
                self._reader.refuse(rows.first, "pass_cleared", reason, item.title)
            else:
                body["pass_cleared"] = cleared

    def _evidence(self, rows: ConditionRows) -> list[str]:
        words = _APART.split(self._line(rows.first, "evidence_required"))
        return [_EVIDENCE.get(word, word) for word in words if word]

    def _detectors(self, item: ItemRows, rows: ConditionRows) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        text = self._reader.text(rows.first, "detectors")
        names = ("class", "min_score", "min_hits", "window_s")
        for part in filter(None, map(str.strip, _LISTS.split(text))):
            words = part.split()
            if part in _NONE:
                continue
            if len(words) not in (1, len(names)):
                reason = f"{part!r} is not a class, or a class with score, hits and seconds"
                self._reader.refuse(rows.first, "detectors", reason, item.title)
                continue
            found.append(dict(zip(names, words, strict=False)))
        return found

    def _read_limits(
        self,
        item: ItemRows,
        rows: ConditionRows,
        body: dict[str, Any],
        present: Condition | None,
    ) -> None:
        """The limit of the condition, or its steps: from further rows, or from one cell."""
        has_limits = self._reader.has("limit") or self._reader.has("limit_value")
        if present is not None and not has_limits:
            return
        for name in ("limit_type", "limit_value", "limit_note"):
            body[name] = None
        body["steps"] = []
        first = rows.first
        if self._reader.has("close_condition") or len(rows.rows) > 1:
            body["close_condition"] = self._line(first, "close_condition") or None
        staged = len(rows.rows) > 1 or self._reader.fresh(first, "step_text_zh")
        if staged:
            body["policy"] = "accumulate"
            body["steps"] = self._steps(item, rows, body, present)
            return
        written = self._written(item, first)
        if len(written) > 1:
            body["policy"] = "accumulate"
            body["steps"] = _steps_of(written, present)
        elif written:
            body |= _limit_fields(written[0].limit)
            body["policy"] = self._policy(item, first, written[0].limit, present)
            note = self._line(first, "limit_note") or written[0].note
            body["limit_note"] = note or None
            if written[0].action and not body.get("close_condition"):
                body["close_condition"] = written[0].action

    def _steps(
        self,
        item: ItemRows,
        rows: ConditionRows,
        body: dict[str, Any],
        present: Condition | None,
    ) -> list[dict[str, Any]]:
        """The steps of a condition, one in each row. A first row without a limit tells of it alone."""
        own = rows.rows
        if len(own) > 1 and not self._has_step(own[0]):
            body["limit_note"] = self._line(own[0], "limit_note") or None
            own = own[1:]
            rows.steps = list(own)
        else:
            body["close_condition"] = present.close_condition if present is not None else None
        found: list[dict[str, Any]] = []
        for row in own:
            written = self._written(item, row)
            if len(written) > 1:
                self._reader.refuse(row, "limit", "one step has one limit", item.title)
            elif written:
                found.append(self._step(item, row, written[0], found, present))
        return found

    def _has_step(self, row: int) -> bool:
        cells = ("step_key", "step_text_zh", "limit", "limit_value")
        return any(self._reader.fresh(row, key) for key in cells)

    def _step(
        self,
        item: ItemRows,
        row: int,
        written: WrittenLimit,
        found: Sequence[Mapping[str, Any]],
        present: Condition | None,
    ) -> dict[str, Any]:
        text = self._line(row, "step_text_zh") or written.words
        if not text:
            self._reader.refuse(row, "step_text_zh", "the step has no words", item.title)
        note = self._line(row, "limit_note") or ("" if text == written.note else written.note)
        close = self._line(row, "close_condition")
        body = _step_body(text, written.limit, found, present)
        body["step_key"] = self._reader.text(row, "step_key") or body["step_key"]
        body["text_en"] = self._line(row, "step_text_en") or body["text_en"]
        body["policy"] = self._policy(item, row, written.limit, None)
        return body | {"limit_note": note or None, "close_condition": close or None}

    def _written(self, item: ItemRows, row: int) -> tuple[WrittenLimit, ...]:
        """The limits of a row; none if its cell is bad."""
        key, text = "limit", self._reader.text(row, "limit")
        if self._reader.has("limit_value") and not text:
            key = "limit_value"
            number, unit = (self._reader.text(row, name) for name in ("limit_value", "limit_type"))
            text = f"{number}{unit}" if unit not in set(LimitType) else f"{number} {unit}"
        elif re.fullmatch(r"\d+(\.\d+)?", plain(text)):
            unit = self._reader.text(row, "limit_type") or self._unit_of_column()
            text = f"{text} {unit}"
        try:
            return read_limits(text)
        except UnreadableLimit as error:
            self._reader.refuse(row, key, str(error), item.title)
            return ()

    def _unit_of_column(self) -> str:
        """The unit that the title of the limits has in brackets, such as 时限（工作日）."""
        place = self._reader.columns["limit"] if self._reader.has("limit") else None
        title = "" if place is None else self._reader.sheet.rows[self._reader.first_row - 1][place]
        found = re.search(r"\((.+)\)$", plain(title))
        return "" if found is None else found[1].removeprefix("单位:")

    def _policy(self, item: ItemRows, row: int, limit: Limit, present: Condition | None) -> str:
        text = self._line(row, "policy")
        if not text:
            kept = present is not None and not self._reader.has("policy")
            whole = limit.type in IN_DAYS and limit.value.is_integer()
            return str(present.policy) if kept and whole and present else "accumulate"
        value = value_of("policy", text)
        if value is None:
            reason = f"{text!r} is none of {choices('policy')}"
            self._reader.refuse(row, "policy", reason, item.title)
            return "accumulate"
        try:
            return replace(limit, policy=Policy(value)).policy
        except ValueError as error:
            self._reader.refuse(row, "policy", str(error), item.title)
            return "accumulate"


def _limit_fields(limit: Limit) -> dict[str, Any]:
    return {"limit_type": str(limit.type), "limit_value": limit.value}


def _steps_of(written: Sequence[WrittenLimit], present: Condition | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for each in written:
        body = _step_body(each.words, each.limit, found, present)
        note = "" if each.words == each.note else each.note
        found.append(body | {"limit_note": note or None})
    return found


def _step_body(
    text: str, limit: Limit, found: Sequence[Mapping[str, Any]], present: Condition | None
) -> dict[str, Any]:
    """A step on top of the present one with the same words, whose key and English words it keeps."""
    steps = present.steps if present is not None else ()
    same = next((each for each in steps if plain(each.text_zh) == plain(text)), None)
    if same is not None:
        names = {"step_key": same.step_key, "text_en": same.text_en}
    else:
        taken = {str(each["step_key"]) for each in found} | {each.step_key for each in steps}
        names = {"step_key": key_of(text, taken, "step"), "text_en": text}
    return {"text_zh": text, **names, **_limit_fields(limit)}
