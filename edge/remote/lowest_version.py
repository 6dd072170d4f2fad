"""No model is older than the newest one of its name that has proved itself here, unless its maker permits it.

Pure. An old model with an old signature would otherwise bring back what a newer one mended.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from wire.messages import DesiredModel

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_NUMBERS = re.compile(r"\d+(\.\d+)*")


class TooOld(Exception):
    """The desired model is older than what has run here; the text says what to do."""


def is_older(version: str, than: str) -> bool:
    """Whether a version comes before another: 1.9 before 1.10, and 2.0-rc1 before 2.0."""
    return _order(version) < _order(than)


@dataclass(frozen=True)
class LowestVersion:
    """What this node has run. `highest` is None if it has run no model of the desired one's name."""

    edge_id: str
    highest: str | None
    last_permit_at: datetime | None

    def check(self, desired: DesiredModel, key: "Ed25519PublicKey") -> None:
        """Return if the model may run: it is new enough, or its permit is good. Raises TooOld."""
        if self.highest is None or not is_older(desired.model_version, self.highest):
            return
        permit = desired.rollback
        older = f"{desired.model_version} is older than {self.highest}, which has run on this node"
        if permit is None:
            raise TooOld(f"{older}; a permit of `python -m models permit-rollback` allows it")
        if permit.from_version != self.highest:
            raise TooOld(f"{older}; the permit is for going back from {permit.from_version}")
        if self.last_permit_at is not None and permit.issued_at <= self.last_permit_at:
            raise TooOld(f"{older}; the permit was used before, or one that is newer")
        from models.signing import BadSignature, check

        try:
            check(desired.rollback_text(self.edge_id), permit.signature, key)
        except BadSignature as error:
            raise TooOld(f"{older}; the permit is not for this node and model: {error}") from None

    def permit_used(self, desired: DesiredModel) -> datetime | None:
        """When the permit was issued that this model needs; None if it needs none."""
        if self.highest is None or not is_older(desired.model_version, self.highest):
            return None
        return None if desired.rollback is None else desired.rollback.issued_at


def _order(version: str) -> tuple[tuple[int, ...], bool, str]:
    found = _NUMBERS.match(version)
    numbers = [int(part) for part in found[0].split(".")] if found else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    rest = version[found.end() :] if found else version
    return tuple(numbers), not rest, rest
