"""Fragments of session descriptions (RFC 8840): candidates that come later, and restarts. Pure."""

import re
from dataclasses import dataclass

from hub.errors import InvalidInput
from hub.video.ice import IceCredentials
from hub.video.offer import MediaLine

_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PWD = re.compile(r"[A-Za-z0-9+/]{22,256}")


@dataclass(frozen=True, slots=True)
class IceFragment:
    """A peer's credentials (None: those it has), its candidates, and whether these are all."""

    credentials: IceCredentials | None
    candidates: tuple[str, ...]
    ended: bool = False


def read_fragment(text: str) -> IceFragment:
    """Raises InvalidInput if it has neither candidates nor credentials, or only half of these."""
    found: dict[str, set[str]] = {"ice-ufrag": set(), "ice-pwd": set()}
    candidates: list[str] = []
    ended = False
    for line in text.splitlines():
        name, _, value = line.removeprefix("a=").strip().partition(":")
        if not line.startswith("a="):
            continue
        if name in found:
            found[name].add(value)
        elif name == "candidate":
            candidates.append(value)
        ended = ended or name == "end-of-candidates"
    credentials = _credentials(found["ice-ufrag"], found["ice-pwd"])
    if credentials is None and not candidates and not ended:
        raise InvalidInput("the fragment has neither candidates nor credentials", field="body")
    return IceFragment(credentials, tuple(candidates), ended)


def _credentials(ufrags: set[str], pwds: set[str]) -> IceCredentials | None:
    if not ufrags and not pwds:
        return None
    if len(ufrags) != 1 or len(pwds) != 1:
        raise InvalidInput("the fragment needs one ice-ufrag and one ice-pwd", field="body")
    (ufrag,), (pwd,) = ufrags, pwds
    if not _UFRAG.fullmatch(ufrag) or not _PWD.fullmatch(pwd):
        raise InvalidInput("the fragment's ice-ufrag or ice-pwd is malformed", field="body")
    return IceCredentials(ufrag, pwd)


def write_fragment(fragment: IceFragment, line: MediaLine) -> str:
    """The text of our side's new generation, for the line that all others are bundled with."""
    assert fragment.credentials is not None
    attributes = [
        f"mid:{line.mid or 0}",
        f"ice-ufrag:{fragment.credentials.ufrag}",
        f"ice-pwd:{fragment.credentials.pwd}",
        *(f"candidate:{candidate}" for candidate in fragment.candidates),
        *(["end-of-candidates"] if fragment.ended else []),
    ]
    media = f"m={line.kind} 9 UDP/TLS/RTP/SAVPF 0\r\n"
    return media + "".join(f"a={attribute}\r\n" for attribute in attributes)
