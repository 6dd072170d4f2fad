"""What an offer of WHIP or WHEP may ask for (RFC 9725, 4.4). Pure."""

import re
from dataclasses import dataclass

from hub.errors import InvalidInput

_DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})


@dataclass(frozen=True, slots=True)
class MediaLine:
    """One m-line of an offer."""

    kind: str
    direction: str
    mid: str | None
    streams: frozenset[str]


def media_lines(offer: str) -> tuple[MediaLine, ...]:
    """The m-lines of an offer, in their order."""
    session, *sections = re.split(r"(?m)^(?=m=)", offer)
    default = _direction(session) or "sendrecv"
    return tuple(
        MediaLine(
            kind=section[2:].split(None, 1)[0] if len(section.split(None, 1)) > 1 else "",
            direction=_direction(section) or default,
            mid=next(iter(_values(section, "mid")), None),
            streams=frozenset(each.split(" ")[0] for each in _values(section, "msid")) - {"-"},
        )
        for section in sections
    )


def check_published(offer: str) -> tuple[MediaLine, ...]:
    """The lines of an offer to publish. Raises InvalidInput: nothing is answered in part."""
    lines = _checked(offer)
    for line in lines:
        if line.direction not in {"sendonly", "sendrecv"}:
            raise InvalidInput(f"the offer's {line.kind} sends nothing", field="body")
    if len(frozenset[str]().union(*(line.streams for line in lines))) > 1:
        raise InvalidInput("the offer has more than one media stream", field="body")
    return lines


def check_watched(offer: str) -> tuple[MediaLine, ...]:
    """The lines of an offer to watch. Raises InvalidInput."""
    lines = _checked(offer)
    for line in lines:
        if line.kind == "video" and line.direction not in {"recvonly", "sendrecv"}:
            raise InvalidInput("the offer receives no video", field="body")
    return lines


def _checked(offer: str) -> tuple[MediaLine, ...]:
    lines = media_lines(offer)
    kinds = [line.kind for line in lines]
    if kinds.count("video") != 1:
        how_many = "no video" if "video" not in kinds else "more than one video"
        raise InvalidInput(f"the offer has {how_many}; it needs one", field="body")
    if others := set(kinds) - {"video", "audio"}:
        raise InvalidInput(f"the offer has {', '.join(sorted(others))}; leave it out", field="body")
    if kinds.count("audio") > 1:
        raise InvalidInput("the offer has more than one sound", field="body")
    if len(lines) > 1 and not _bundles(offer, lines):
        raise InvalidInput("the offer's lines are not in one BUNDLE group", field="body")
    return lines


def _bundles(offer: str, lines: tuple[MediaLine, ...]) -> bool:
    groups = [
        set(each.split()[1:]) for each in _values(offer, "group") if each.startswith("BUNDLE")
    ]
    return any({line.mid for line in lines} <= group for group in groups)


def _values(section: str, name: str) -> list[str]:
    return [found.strip() for found in re.findall(rf"(?m)^a={name}:(.*)$", section)]


def _direction(section: str) -> str | None:
    names = (found.strip() for found in re.findall(r"(?m)^a=([a-z]+)\s*$", section))
    return next((name for name in names if name in _DIRECTIONS), None)
