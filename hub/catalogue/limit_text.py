"""Limits as lists write them: 2天, 4工作时, 半天, 1紧急工作时制止, and several steps in one cell. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from hub.deadlines import Limit, LimitType

_UNITS = (
    (LimitType.URGENT_HOUR, "紧急工作小时|紧急工作时|紧急小时|紧急时|urgent_hours?|urgent hours?"),
    (LimitType.URGENT_MINUTE, "紧急分钟|分钟|urgent_minutes?|urgent minutes?|minutes?"),
    (LimitType.WORK_HOUR, "工作小时|工作时|work_hours?|work(?:ing)? ?hours?"),
    (LimitType.WORK_DAY, "工作日|工作天|work_days?|work(?:ing)? ?days?"),
    (LimitType.NATURAL_DAY, "自然日|自然天|日历日|日历天|天|日|natural_days?|natural days?|days?"),
    (LimitType.URGENT_HOUR, "小时|钟头|hours?"),
)
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMBER = r"\d+(?:\.\d+)?|半|[零〇一二两三四五六七八九十百]+"
_LIMIT = re.compile(
    rf"(?P<number>{_NUMBER})\s*个?\s*(?:(?P<unit>"
    + "|".join(f"(?P<u{n}>{words})" for n, (_, words) in enumerate(_UNITS))
    + "))",
    re.IGNORECASE,
)
_APART = re.compile(r"[;；,，、。→\n]+|(?:->)")
_RANGE = re.compile(r"[\d~至到—–-]|[零〇一二两三四五六七八九十百半]$|^半")
_BEFORE = re.compile(
    r"(?:(?:处置|办理|处理)?时限|不得?超过|最长|[须应需]?在|限|≤|<=|[:：])+$|^[:：]+"
)
_WITHIN = re.compile(r"^(?:以内|之内|内)")
_SAYS_NOTHING = frozenset(
    {"完成", "办结", "处置", "处理", "办理", "处置完毕", "处理完毕", "完成处置", "解决", "及时"}
)
_CASES = re.compile(
    r"季|期间|汛期|一般|特殊|情况|其他|其它|其余|雨天|冬|夏|白天|夜间|普通|平时"
    r"|工作日|工作时间|节假日|休息日|周末|上班|下班"
)
_NO_LIMIT_BEFORE = re.compile(
    r"(?:大于|多于|超过|高于|约|大概|每|第|>|≥|>=|[.])$|工作时间|上班时间"
)
_NO_LIMIT_AFTER = re.compile(r"^(?:以上|左右|上下|以后|之后|后|前|以前|之前|起$|一次|/)")
"""Words that make of a time something else than the longest one."""


class UnreadableLimit(ValueError):
    """The text is no limit; the message says why."""


@dataclass(frozen=True, slots=True)
class WrittenLimit:
    """A limit with the words around it: `note` qualifies it, `action` is what must be reached."""

    limit: Limit
    note: str = ""
    action: str = ""

    @property
    def words(self) -> str:
        return self.action or self.note


def read_limits(text: str) -> tuple[WrittenLimit, ...]:
    """The limits of a cell: one, or several that follow one another as steps, each with its words.

    Raises UnreadableLimit.
    """
    clean = unicodedata.normalize("NFKC", text).strip()
    if not clean:
        raise UnreadableLimit("there is no limit")
    try:
        found = _parts(clean.replace("\n", "").replace("\r", ""))
    except UnreadableLimit:
        if "\n" not in clean:
            raise
        found = _parts(clean)
    if len(found) > 1:
        _check_steps(found)
    return found


def limit_words(limit: Limit) -> str:
    """A limit as a list in Chinese writes it; `read_limits` reads it back."""
    unit = {
        LimitType.URGENT_MINUTE: "分钟",
        LimitType.URGENT_HOUR: "紧急工作时",
        LimitType.WORK_HOUR: "工作时",
        LimitType.WORK_DAY: "个工作日",
        LimitType.NATURAL_DAY: "天",
    }[limit.type]
    return f"{_digits(limit.value)}{unit}"


def limit_code(limit: Limit) -> str:
    """A limit in the words of the catalogue's fields; `read_limits` reads it back."""
    return f"{_digits(limit.value)} {limit.type}"


def _digits(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _parts(text: str) -> tuple[WrittenLimit, ...]:
    found: list[WrittenLimit] = []
    waiting = ""
    for part in filter(None, (each.strip() for each in _APART.split(text))):
        matches = list(_LIMIT.finditer(part))
        if len(matches) > 1:
            raise UnreadableLimit(f"{part!r} has two limits; separate them by ；")
        if matches:
            found.append(_written(part, matches[0], waiting))
            waiting = ""
        elif _RANGE.search(part):
            raise UnreadableLimit(f"{part!r} is no limit such as 2个工作日 or 4工作时")
        elif found:
            last = found[-1]
            found[-1] = WrittenLimit(last.limit, last.note, _joined(last.action, part))
        else:
            waiting = _joined(waiting, part)
    if not found:
        raise UnreadableLimit(f"{text!r} is no limit such as 2个工作日 or 4工作时")
    return tuple(found)


def _written(part: str, match: re.Match[str], waiting: str) -> WrittenLimit:
    before, after = part[: match.start()].strip(), part[match.end() :].strip()
    after = _WITHIN.sub("", after).strip()
    if _RANGE.search(before) or _RANGE.search(after):
        raise UnreadableLimit(f"{part!r} is not one limit; write one number and one unit")
    before = _BEFORE.sub("", before).strip(" ()")
    if _NO_LIMIT_BEFORE.search(before) or _NO_LIMIT_AFTER.search(after):
        raise UnreadableLimit(f"{part!r} says no longest time; write it such as 2个工作日")
    bracketed = after.startswith("(") and after.endswith(")")
    note = _joined(waiting, before)
    note = _joined(note, after.strip(" ()")) if bracketed else note
    action = "" if bracketed or after in _SAYS_NOTHING else after.strip(" :")
    return WrittenLimit(_limit(match), note, action)


def _limit(match: re.Match[str]) -> Limit:
    kind = next(kind for n, (kind, _) in enumerate(_UNITS) if match[f"u{n}"] is not None)
    value = _value(match["number"])
    try:
        return Limit(kind, value)
    except ValueError as error:
        raise UnreadableLimit(str(error)) from None


def _value(number: str) -> float:
    if number == "半":
        return 0.5
    if number[0].isdigit():
        return float(number)
    if "百" in number:
        hundreds, _, rest = number.partition("百")
        tens = _value(rest.lstrip("零〇")) if rest.strip("零〇") else 0
        return _value(hundreds or "一") * 100 + tens
    if "十" in number:
        tens_sign, _, ones = number.partition("十")
        return _digit(tens_sign or "一") * 10 + (_digit(ones) if ones else 0)
    return _digit(number)


def _digit(sign: str) -> float:
    if sign not in _DIGITS:
        raise UnreadableLimit(f"{sign!r} is no number")
    return float(_DIGITS[sign])


def _check_steps(found: tuple[WrittenLimit, ...]) -> None:
    if any(_CASES.search(each.note) for each in found):
        cases = ", ".join(each.note or each.action for each in found)
        raise UnreadableLimit(f"these limits hold in different cases ({cases}): give each a row")
    if nameless := [each for each in found if not each.words]:
        raise UnreadableLimit(
            f"several limits, and {limit_words(nameless[0].limit)} has no words for its step"
        )


def _joined(first: str, second: str) -> str:
    return f"{first}，{second}" if first and second else first or second
