"""Desired and reported state of devices: configuration and models."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from math import isfinite
from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue

from wire.messages.base import Count, Instant, Message, OrNewWord, Sha256, Text


def _storable(value: JsonValue) -> JsonValue:
    """Refuse what a database cannot hold: NUL in a text, and numbers that are not finite."""
    if isinstance(value, str) and "\0" in value:
        raise ValueError("must not contain the NUL character")
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("must hold only finite numbers")
    if isinstance(value, dict):
        for key, item in value.items():
            _storable(key)
            _storable(item)
    if isinstance(value, list):
        for item in value:
            _storable(item)
    return value


Settings = Annotated[dict[str, JsonValue], AfterValidator(_storable)]


class DeviceConfig(Message):
    """Retained, both ways. The device reports the version it runs and why it refused another.

    `hub_signature` is the hub's, for edge nodes that ask for it (`desired_text`).
    """

    version: Count
    settings: Settings = Field(default_factory=dict)
    error: Text | None = None
    hub_signature: Text | None = None


class RollbackPermit(Message):
    """The maker's permission for one edge node to go back to an older model, once.

    `from_version` is the newest version that has run there. The signature is Ed25519 in base64, over
    the node, the model and this (`rollback_text`).
    """

    from_version: Text
    issued_at: Instant
    signature: Text


class DesiredModel(Message):
    """Retained. The model that an edge node should run.

    `sha256` is that of the archive at `url`. The signature is Ed25519 in base64, over name, version
    and hash (`signed_text`). A node refuses a model that is older than the newest one of its name that
    has run there, unless `rollback` permits it. `hub_signature` is the hub's, for nodes that ask for it
    (`desired_text`).
    """

    version: Count
    name: Text
    model_version: Text
    url: Text
    sha256: Sha256
    signature: Text
    rollback: RollbackPermit | None = None
    hub_signature: Text | None = None

    def rollback_text(self, edge_id: str) -> bytes:
        """What the maker has signed to permit this node to go back to this model."""
        assert self.rollback is not None
        return rollback_text(
            edge_id,
            self.name,
            self.model_version,
            self.sha256,
            self.rollback.from_version,
            self.rollback.issued_at,
        )

    def signed_text(self) -> bytes:
        """What the maker of the model has signed."""
        return signed_text(self.name, self.model_version, self.sha256)


def signed_text(name: str, model_version: str, sha256: str) -> bytes:
    """The words that a model's signature covers: what it is called, and the hash of its archive."""
    return f"patrolhub-model-v1\n{name}\n{model_version}\n{sha256}\n".encode()


def desired_text(topic: str, payload: bytes) -> bytes:
    """The words that the hub's signature of a desired state covers: where it goes, and all of it.

    That is the JSON object without `hub_signature`, its names in order, without blanks, in UTF-8.
    """
    body: dict[str, object] = json.loads(payload)
    body.pop("hub_signature", None)
    words = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"patrolhub-desired-v1\n{topic}\n{words}\n".encode()


def rollback_text(
    edge_id: str,
    name: str,
    model_version: str,
    sha256: str,
    from_version: str,
    issued_at: datetime,
) -> bytes:
    """The words that the signature of a permit covers."""
    at = issued_at.astimezone(UTC).isoformat()
    words = (edge_id, name, model_version, sha256, from_version, at)
    return ("patrolhub-rollback-v1\n" + "\n".join(words) + "\n").encode()


class ModelState(StrEnum):
    """How far an edge node has got with the desired model."""

    DOWNLOADING = "downloading"
    VERIFYING = "verifying"
    SHADOW = "shadow"
    """It looks beside the model in use, and tells nobody what it sees."""
    ACTIVE = "active"
    REFUSED = "refused"
    """It was never in use; `error` says why."""
    ROLLED_BACK = "rolled_back"
    """It was in use, and the one before it is again; `error` says why."""


class ShadowFigures(Message):
    """A model on trial beside the one in use.

    `agreement` is the share of confirmed faults in sight of the old model that the new one sees
    too, where there were any; `extra_per_look` counts faults that only the new one sees. `old_ms` and
    `new_ms` are for one view of a picture; a look may take several.
    """

    looks: Count
    of: Count
    failures: Count = 0
    agreement: Annotated[float, Field(ge=0, le=1)] | None = None
    extra_per_look: Annotated[float, Field(ge=0)] | None = None
    old_ms: Annotated[float, Field(ge=0)] | None = None
    new_ms: Annotated[float, Field(ge=0)] | None = None


class ReportedModel(Message):
    """Retained. The model that an edge node runs, and what became of the desired one.

    `version`, `name`, `model_version` and `sha256` (of the weights) are those of the model in use;
    version 0 is the one that the node was installed with. `state` and `error` speak of the desired
    model of `desired_version`.
    """

    version: Count
    name: Text
    model_version: Text
    sha256: Sha256
    error: Text | None = None
    state: OrNewWord[ModelState] | None = None
    desired_version: Count | None = None
    shadow: ShadowFigures | None = None
