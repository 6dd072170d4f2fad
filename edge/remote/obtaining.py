"""From the hub's wish to a model that is loaded: signature, download, hash, unpacking, loading."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from edge.detector import Loader, Ready
from edge.link import Backoff
from edge.remote.fetch import FetchFailed, FetchRefused, FetchStopped, Limits, fetch
from edge.remote.shelf import Shelf, Shelved
from edge.remote.tenure import MOST_STARTS
from models import ModelRejected
from models.archive import sha256_of
from wire.messages import DesiredModel, ModelState, ShadowFigures

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_TICK_S = 0.1


class Refusal(Exception):
    """A wish that is not granted. `judged` says that looking into it again would be in vain."""

    def __init__(
        self, reason: str, *, judged: bool = False, figures: ShadowFigures | None = None
    ) -> None:
        super().__init__(reason)
        self.judged = judged
        self.figures = figures


class Overtaken(Exception):
    """There is a newer wish, or the node stops."""


@dataclass(frozen=True)
class Terms:
    """On what terms models are taken. Without a key none is."""

    key: "Ed25519PublicKey | None"
    limits: Limits
    first_wait_s: float = 1.0
    longest_wait_s: float = 300.0


Note = Callable[[ModelState, str | None], None]
"""Told of each step, and of what went wrong in it for now."""


@dataclass(frozen=True)
class Obtaining:
    """Obtains one model after another. `overtaken` says that nobody wants the present one any more."""

    shelf: Shelf
    load: Loader
    terms: Terms
    overtaken: Callable[[], bool]

    def obtain(self, wish: DesiredModel, note: Note) -> tuple[Shelved, Ready]:
        """The model that is wished for, its trial begun. Raises Refusal, Overtaken, OSError."""
        if (deaths := self.shelf.deaths(wish)) >= MOST_STARTS:
            raise Refusal(f"the node ended {deaths} times while it was on trial", judged=True)
        self._check_signature(wish)
        self.shelf.tidy(but=wish.sha256)
        note(ModelState.DOWNLOADING, None)
        self._download(wish, note)
        note(ModelState.VERIFYING, None)
        self.shelf.begin_trial(wish)
        return self._verified(wish)

    def _check_signature(self, wish: DesiredModel) -> None:
        if self.terms.key is None:
            raise Refusal("this node has no key to check signatures: set PATROLHUB_EDGE_MODEL_KEY")
        from models.signing import BadSignature, check

        try:
            check(wish.signed_text(), wish.signature, self.terms.key)
        except BadSignature as error:
            raise Refusal(str(error)) from None

    def _download(self, wish: DesiredModel, note: Note) -> None:
        """Have the archive, whole and with the right hash, however often the line breaks.

        With a wrong hash, what was held from before may be to blame: once more from nothing.
        """
        archive = self.shelf.archive(wish.sha256)
        waits = Backoff(self.terms.first_wait_s, self.terms.longest_wait_s)
        again = True
        while not (archive.exists() and sha256_of(archive) == wish.sha256):
            if archive.exists():
                archive.unlink()
                if not again:
                    raise Refusal("the file has another sha256 than the one signed", judged=True)
                again = False
            try:
                fetch(wish.url, archive, self.terms.limits, self.overtaken)
            except FetchFailed as error:
                wait_s = waits.next_s()
                note(ModelState.DOWNLOADING, f"{error}; next try in {wait_s:.0f} s")
                self._pause(wait_s)
            except FetchRefused as error:
                raise Refusal(str(error)) from None
            except FetchStopped:
                raise Overtaken from None

    def _verified(self, wish: DesiredModel) -> tuple[Shelved, Ready]:
        try:
            model = self.shelf.unpack(wish)
            ready = self.load(self.shelf.folder(model))
        except ModelRejected as error:
            raise Refusal(str(error), judged=True) from None
        loaded = ready.model.loaded
        if (loaded.name, loaded.version) != (wish.name, wish.model_version):
            held, wanted = f"{loaded.name} {loaded.version}", f"{wish.name} {wish.model_version}"
            raise Refusal(f"the archive holds {held}, not {wanted}", judged=True)
        return model, ready

    def _pause(self, wait_s: float) -> None:
        until_s, never = time.monotonic() + wait_s, Event()
        while time.monotonic() < until_s:
            if self.overtaken():
                raise Overtaken
            never.wait(_TICK_S)
