"""The cells that tell of an item itself, not of its conditions. Pure."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from hub.catalogue.columns import choices, value_of, yes_or_no
from hub.catalogue.item import CatalogueItem, ItemKind, OwnerRule, RoutingMode
from hub.catalogue.row_groups import ItemRows, RowReader
from hub.catalogue.sheets import ERRORS, plain, read_day
from hub.catalogue.unit_book import ListedUnits, UnitBook, UnknownUnit, VagueUnit

LOCAL_EDITION = "local"
_APART = re.compile(r"[、，,；;\s]+")
_LISTS = re.compile(r"[；;\r\n]+")
_NONE = frozenset({"无", "none", "-", "/", "—"})


class ItemCells:
    """Reads the bodies of items. `unknown` are names of units with suggestions and their cells."""

    def __init__(self, reader: RowReader, book: UnitBook, kind: ItemKind | None) -> None:
        self._reader = reader
        self._book = book
        self._kind = kind
        self._width = {key: _width(reader, key) for key in ("major_code", "minor_code")}
        self.unknown: list[tuple[str, tuple[str, ...], str]] = []

    def body(self, rows: ItemRows, key: str, known: CatalogueItem | None) -> dict[str, Any]:
        """An item without its conditions, on top of the present one."""
        body: dict[str, Any] = {}
        if known is not None:
            body = known.model_dump(mode="json", by_alias=True, exclude={"conditions"})
        body |= {"item_key": key} | self._titles(rows, known)
        self._read_kind(rows, body)
        for name in ("owner_rule", "routing_mode", "territory_level"):
            self._read_word(rows, name, body)
        for name in ("verify_before_filing", "callback_required"):
            self._read_yes_or_no(rows, name, body)
        for name in ("legal_basis", "approved_by"):
            if self._reader.has(name):
                body[name] = self._text(rows, name) or None
        for name in ("effective_from", "effective_to"):
            self._read_day(rows, name, body)
        self._read_numbers(rows, body)
        self._read_codes(rows, body)
        if self._reader.has("asset_types"):
            body["asset_types"] = self._words(rows, "asset_types")
        self._read_units(rows, body)
        return body

    def _text(self, rows: ItemRows, key: str) -> str:
        text = self._reader.text(rows.first, key)
        return " ".join(text.split()) if plain(text) not in _NONE else ""

    def _refuse(self, rows: ItemRows, key: str, reason: str) -> None:
        self._reader.refuse(rows.first, key, reason, rows.title)

    def _titles(self, rows: ItemRows, known: CatalogueItem | None) -> dict[str, str]:
        zh = re.sub(r"\s*[\r\n]+\s*", "", self._reader.text(rows.first, "title_zh"))
        if not zh and known is not None:
            zh = known.title_zh
        if not zh:
            self._refuse(rows, "title_zh", "the title is empty")
        same = known is not None and known.title_zh == zh
        en = self._text(rows, "title_en")
        return {"title_zh": zh, "title_en": en or (known.title_en if known and same else zh)}

    def _read_kind(self, rows: ItemRows, body: dict[str, Any]) -> None:
        text = self._reader.grouped(rows.first, "kind")
        if not text and self._kind is not None:
            body["kind"] = self._kind
        elif not text and "kind" not in body:
            self._refuse(rows, "kind", f"say which kind it is: {choices('kind')}")
        else:
            self._read_word(rows, "kind", body, text)

    def _read_word(
        self, rows: ItemRows, key: str, body: dict[str, Any], written: str | None = None
    ) -> None:
        text = self._text(rows, key) if written is None else written
        if not text:
            return
        value = value_of(key, text)
        if value is None:
            self._refuse(rows, key, f"{text!r} is none of {choices(key)}")
        else:
            body[key] = value

    def _read_yes_or_no(self, rows: ItemRows, key: str, body: dict[str, Any]) -> None:
        text = self._reader.text(rows.first, key)
        if not text:
            return
        value = yes_or_no(text)
        if value is None:
            self._refuse(rows, key, f"{text!r} is neither 是 nor 否")
        else:
            body[key] = value

    def _read_day(self, rows: ItemRows, key: str, body: dict[str, Any]) -> None:
        if not self._reader.has(key):
            return
        text = self._text(rows, key)
        day = read_day(text) if text else None
        if text and day is None:
            self._refuse(rows, key, f"{text!r} is no day such as 2026-10-01")
        body[key] = day if day is None or isinstance(day, str) else date.isoformat(day)

    def _read_numbers(self, rows: ItemRows, body: dict[str, Any]) -> None:
        dedup: dict[str, Any] = dict(body.get("dedup") or {})
        for key, into in (("radius_m", dedup), ("window_h", dedup), ("points", body)):
            text = self._text(rows, key)
            if not text:
                continue
            try:
                number = float(text)
            except ValueError:
                self._refuse(rows, key, f"{text!r} is no number")
                continue
            into[key] = int(number) if number.is_integer() else number
        if dedup:
            body["dedup"] = dedup

    def _words(self, rows: ItemRows, key: str) -> list[str]:
        return [word for word in _APART.split(self._text(rows, key)) if word]

    def _read_codes(self, rows: ItemRows, body: dict[str, Any]) -> None:
        if self._reader.has("std_codes"):
            body["std_codes"] = self._std_codes(rows)
        if not self._reader.text(rows.first, "minor_code"):
            return
        minor = self._code(rows, "minor_code")
        if minor is None:
            return
        code = (self._code(rows, "major_code") or "") + minor
        codes = body.get("std_codes") or []
        if not any(each["code"] == code for each in codes):
            others = [each for each in codes if each["edition"] != LOCAL_EDITION]
            local = {"edition": LOCAL_EDITION, "code": code, "verified": "local"}
            body["std_codes"] = [*others, local]

    def _std_codes(self, rows: ItemRows) -> list[Mapping[str, str]]:
        """Codes as the export writes them: edition, code and how it was verified."""
        codes: list[Mapping[str, str]] = []
        for text in filter(None, map(str.strip, _LISTS.split(self._text(rows, "std_codes")))):
            words = text.rsplit(maxsplit=2)
            if len(words) == 1:
                words = [LOCAL_EDITION, words[0], "local"]
            if len(words) != 3:
                reason = (
                    f"{text!r} is not edition, code and community-verified, unverified or local"
                )
                self._refuse(rows, "std_codes", reason)
                continue
            codes.append(dict(zip(("edition", "code", "verified"), words, strict=True)))
        return codes

    def _code(self, rows: ItemRows, key: str) -> str | None:
        """A code with the leading zeros that a spreadsheet took away."""
        text = plain(self._reader.grouped(rows.first, key)).lstrip("'").upper()
        if not text or text.lower() in _NONE:
            return None
        return text.zfill(self._width[key]) if text.isdigit() else text

    def _read_units(self, rows: ItemRows, body: dict[str, Any]) -> None:
        lead = self._units(rows, "lead_unit")
        assist = self._units(rows, "assist_units")
        if lead is None or assist is None:
            return
        said = value_of("owner_rule", self._text(rows, "owner_rule") or "-")
        if self._reader.has("assist_units"):
            body["assist_units"] = list(assist.units)
        if assist.vague == {VagueUnit.TERRITORY}:
            body["routing_mode"] = RoutingMode.JOINT
        elif assist.vague:
            self._refuse(rows, "assist_units", "who assists can't be left to a joint study")
        if self._reader.has("lead_unit") and (lead.units or lead.vague):
            _apply(lead, body, said)
        elif self._reader.has("lead_unit"):
            body["lead_unit"] = None
        if "owner_rule" not in body:
            self._refuse(rows, "lead_unit", "no unit is named")
        if body.get("kind") == ItemKind.DISPUTE and not self._text(rows, "routing_mode"):
            body.setdefault("routing_mode", RoutingMode.JOINT)

    def _units(self, rows: ItemRows, key: str) -> ListedUnits | None:
        text = self._reader.text(rows.first, key)
        try:
            return self._book.read(text if plain(text) not in _NONE else "")
        except UnknownUnit as error:
            self._refuse(rows, key, str(error))
            if text in ERRORS:
                return None
            cell = self._reader.cell(rows.first, key)
            self.unknown.append((error.name, error.suggestions, cell))
            return None


def _apply(listed: ListedUnits, body: dict[str, Any], said: str | None) -> None:
    """What the units of a cell mean for the item. A rule that the list says itself stays."""
    units, others = list(listed.units), list(body.get("assist_units") or [])
    if VagueUnit.STUDY in listed.vague:
        rule, lead, assist = OwnerRule.STUDY, None, units
    elif listed.territory_leads:
        rule, lead, assist = OwnerRule.TERRITORY, None, units
    else:
        rule, lead, assist = OwnerRule.FIXED, units[0], units[1:]
        if VagueUnit.TERRITORY in listed.vague:
            body["routing_mode"] = RoutingMode.JOINT
    body["lead_unit"] = lead
    if assist:
        body["assist_units"] = list(dict.fromkeys([*assist, *others]))
    kept = body.get("owner_rule") == OwnerRule.ASSET_OWNER and rule is OwnerRule.FIXED
    if said is None and not kept:
        body["owner_rule"] = rule


def _width(reader: RowReader, key: str) -> int:
    """The number of digits of the codes of a column: that of the longest, at least 2."""
    if not reader.has(key):
        return 2
    place = reader.columns[key]
    texts = (plain(row[place]).lstrip("'") for row in reader.sheet.rows[reader.first_row :])
    return max([2, *(len(text) for text in texts if text.isdigit() and len(text) <= 4)])
