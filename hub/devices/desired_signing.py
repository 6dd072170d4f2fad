"""The hub's signature under what edge nodes should run, so that no other publisher can tell them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from hub.errors import Unavailable
from wire.messages import DesiredModel, DeviceConfig, desired_text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Desired: TypeAlias = DeviceConfig | DesiredModel


@dataclass(frozen=True)
class DesiredSigner:
    """Signs with the key whose public half nodes have in PATROLHUB_EDGE_HUB_KEY."""

    key: "Ed25519PrivateKey"

    def signed(self, topic: str, desired: Desired) -> Desired:
        """The same with the signature, as it goes to this topic."""
        from models.signing import signature_of

        payload = desired.model_dump_json(by_alias=True, exclude_none=True).encode()
        signature = signature_of(desired_text(topic, payload), self.key)
        return desired.model_copy(update={"hub_signature": signature})


def read_signer(file: Path | None) -> DesiredSigner | None:
    """The signer of a key file; None without one. Raises Unavailable."""
    if file is None:
        return None
    from models.signing import BadKey, read_key

    try:
        return DesiredSigner(read_key(file))
    except (BadKey, OSError) as error:
        raise Unavailable(f"PATROLHUB_DESIRED_KEY_FILE cannot be used: {error}") from None
