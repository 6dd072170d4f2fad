"""Ids of GB/T 28181, coding rule A: 20 digits for the place, owner and type of a device. Pure.

Centre 8 (administrative code, padded with zeros), industry 2, type 3, network 1, serial 6.
"""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

from wire.topics import Kind

_DIGITS = re.compile(r"[0-9]{20}")
_INDUSTRIES = {
    "00": "public security, streets",
    "01": "public security, communities",
    "02": "public security, inside units",
    "03": "public security, other",
    "04": "traffic, roads",
    "05": "traffic, checkpoints",
    "06": "traffic, inside units",
    "07": "traffic, other",
    "08": "urban management",
    "09": "health and environment",
    "10": "inspection and customs",
    "11": "education",
}
_TYPES = {
    "111": "DVR",
    "112": "video server",
    "113": "encoder",
    "114": "decoder",
    "115": "video switching matrix",
    "116": "audio switching matrix",
    "117": "alarm controller",
    "118": "NVR",
    "131": "camera",
    "132": "network camera",
    "133": "display",
    "134": "alarm input",
    "135": "alarm output",
    "136": "voice input",
    "137": "voice output",
    "138": "mobile transmission device",
    "200": "signalling server",
    "215": "business group",
    "216": "virtual organisation",
}
_RANGES = (
    (111, 130, "main device at the front"),
    (131, 199, "peripheral at the front"),
    (200, 299, "server of a platform"),
    (300, 399, "user of a centre"),
    (400, 499, "user at a terminal"),
    (500, 599, "server outside a platform"),
    (600, 999, "extension"),
)
_NETWORKS = {
    **dict.fromkeys("01234", "surveillance network"),
    "5": "public security network",
    "6": "government network",
    "7": "internet",
    "8": "social resources",
    "9": "reserved",
}
_SERVERS = range(200, 300)
_NO_DEVICES = (range(111), range(200, 500))


@dataclass(frozen=True, slots=True)
class Gb28181Id:
    """The parts of an id, each as its digits."""

    centre: str
    industry: str
    type: str
    network: str
    serial: str

    def __str__(self) -> str:
        return self.centre + self.industry + self.type + self.network + self.serial

    def explained(self) -> dict[str, str]:
        """Each part in words, by its name."""
        return {
            "centre": self.centre,
            "industry": f"{self.industry} {_INDUSTRIES.get(self.industry, 'other')}",
            "type": f"{self.type} {_type_in_words(self.type)}",
            "network": f"{self.network} {_NETWORKS[self.network]}",
            "serial": self.serial,
        }


def parse_gb28181(text: str) -> Gb28181Id:
    """Split an id into its parts. Raises ValueError with the reason."""
    if not _DIGITS.fullmatch(text):
        raise ValueError(f"a GB/T 28181 id has 20 digits, this is {text[:40]!r} ({len(text)})")
    if text.startswith("0"):
        raise ValueError(f"{text[:8]} is not a centre: no province has a code that begins with 0")
    return Gb28181Id(text[:8], text[8:10], text[10:13], text[13], text[14:])


def check_kind(text: str, kind: Kind) -> None:
    """Raises ValueError if a device of this kind cannot have this id."""
    number = parse_gb28181(text).type
    if kind is Kind.EDGE and int(number) in _SERVERS:
        return
    if any(int(number) in codes for codes in _NO_DEVICES):
        raise ValueError(
            f"type {number} of GB/T 28181 id {text} means {_type_in_words(number)}, "
            f"which does not fit {kind}"
        )


def _type_in_words(number: str) -> str:
    if number in _TYPES:
        return _TYPES[number]
    return next((words for low, high, words in _RANGES if low <= int(number) <= high), "reserved")


def _checked(text: str) -> str:
    return str(parse_gb28181(text))


Gb28181Text = Annotated[str, AfterValidator(_checked)]
"""20 digits, as a field of a pydantic model."""
