"""From a desired model to a loaded one: signature, download, hash, unpacking, loading."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from edge.detector import LoadedDetector, Loader
from edge.remote.fetch import FetchFailed, FetchLimits, FetchRefused, FetchStopped, fetch
from edge.remote.lowest_version import LowestVersion, TooOld
from edge.remote.model_store import ModelStore, StoredModel
from edge.remote.rollback import MOST_STARTS
from edge.retry import Backoff
from models import ModelRejected
from models.archive import sha256_of
from wire.messages import DesiredModel, ModelState, ShadowFigures

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_TICK_S = 0.1


class ModelRefused(Exception):
    """The desired model is not taken. With `judged`, another attempt would end the same way."""

    def __init__(
        self, reason: str, *, judged: bool = False, figures: ShadowFigures | None = None
    ) -> None:
        super().__init__(reason)
        self.judged = judged
        self.figures = figures


class Superseded(Exception):
    """A newer model is desired, or the node stops."""


@dataclass(frozen=True)
class DownloadPolicy:
    """Which models this node takes and how they are downloaded. Without a key it takes none."""

    edge_id: str
    key: "Ed25519PublicKey | None"
    limits: FetchLimits
    first_wait_s: float = 1.0
    longest_wait_s: float = 300.0


Progress = Callable[[ModelState, str | None], None]
"""Called at each step, with what went wrong in it so far."""


@dataclass(frozen=True)
class ModelDownloader:
    """Obtains one model after another. `superseded` says that the present one is no longer wanted."""

    model_store: ModelStore
    load: Loader
    policy: DownloadPolicy
    superseded: Callable[[], bool]

    def obtain(
        self, desired: DesiredModel, progress: Progress
    ) -> tuple[StoredModel, LoadedDetector]:
        """The desired model, loaded; its evaluation has begun. Raises ModelRefused, Superseded, OSError."""
        if (deaths := self.model_store.deaths(desired)) >= MOST_STARTS:
            raise ModelRefused(
                f"the node ended {deaths} times during its shadow evaluation", judged=True
            )
        self._check_papers(desired)
        self.model_store.tidy(but=desired.sha256)
        progress(ModelState.DOWNLOADING, None)
        self._download(desired, progress)
        progress(ModelState.VERIFYING, None)
        self.model_store.begin_evaluation(desired)
        return self._verified(desired)

    def lowest(self, desired: DesiredModel) -> LowestVersion:
        """What has run here of the desired model's name."""
        state = self.model_store.state
        highest = state.highest.get(desired.name)
        return LowestVersion(self.policy.edge_id, highest, state.last_permit_at)

    def _check_papers(self, desired: DesiredModel) -> None:
        if self.policy.key is None:
            raise ModelRefused(
                "this node has no key to check signatures: set PATROLHUB_EDGE_MODEL_KEY"
            )
        from models.signing import BadSignature, check

        try:
            check(desired.signed_text(), desired.signature, self.policy.key)
            self.lowest(desired).check(desired, self.policy.key)
        except (BadSignature, TooOld) as error:
            raise ModelRefused(str(error)) from None

    def _download(self, desired: DesiredModel, progress: Progress) -> None:
        """Download the complete archive with the right hash, however often the line breaks.

        If the hash is wrong, an old partial file may be the cause: start once more from nothing.
        """
        archive = self.model_store.archive(desired.sha256)
        waits = Backoff(self.policy.first_wait_s, self.policy.longest_wait_s)
        due = True
        while not (archive.exists() and sha256_of(archive) == desired.sha256):
            if archive.exists():
                archive.unlink()
                if not due:
                    raise ModelRefused(
                        "the file has another sha256 than the one signed", judged=True
                    )
                due = False
            try:
                fetch(desired.url, archive, self.policy.limits, self.superseded)
            except FetchFailed as error:
                wait_s = waits.next_s()
                progress(ModelState.DOWNLOADING, f"{error}; next try in {wait_s:.0f} s")
                self._pause(wait_s)
            except FetchRefused as error:
                raise ModelRefused(str(error)) from None
            except FetchStopped:
                raise Superseded from None

    def _verified(self, desired: DesiredModel) -> tuple[StoredModel, LoadedDetector]:
        try:
            model = self.model_store.unpack(desired)
            loaded_detector = self.load(self.model_store.folder(model))
        except ModelRejected as error:
            raise ModelRefused(str(error), judged=True) from None
        loaded = loaded_detector.model.loaded
        if (loaded.name, loaded.version) != (desired.name, desired.model_version):
            held, wanted = (
                f"{loaded.name} {loaded.version}",
                f"{desired.name} {desired.model_version}",
            )
            raise ModelRefused(f"the archive holds {held}, not {wanted}", judged=True)
        return model, loaded_detector

    def _pause(self, wait_s: float) -> None:
        until_s, never = time.monotonic() + wait_s, Event()
        while time.monotonic() < until_s:
            if self.superseded():
                raise Superseded
            never.wait(_TICK_S)
