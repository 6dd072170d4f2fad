"""The models that came from the hub, and which of them a restart begins with.

models/state.json       the model in use, the one before it, the last attempt and verdict
models/<hash>.tar       an archive; `.part` while it is being fetched
models/<hash>/          a model, completely unpacked
"""

import shutil
from datetime import datetime
from pathlib import Path

import structlog
from pydantic import Field, ValidationError

from edge.atomic_file import sync_folder, write_atomically
from edge.remote.lowest_version import is_older
from edge.remote.rollback import RollbackState, StoredRecord
from models.archive import unpack
from wire.messages import DesiredModel, ModelState

_log = structlog.get_logger()


class StoredModel(StoredRecord):
    """A model in the store; `version` is that of the desired state that asked for it."""

    version: int
    name: str
    model_version: str
    sha256: str


class ModelAttempt(StoredRecord):
    """A model under evaluation; `starts` counts evaluations that the node's death cut off."""

    version: int
    sha256: str
    starts: int


class ModelVerdict(StoredRecord):
    """Why a desired model is not used, remembered so that it is not tried again."""

    version: int
    sha256: str
    state: ModelState
    error: str


class ModelStoreState(RollbackState[StoredModel]):
    """`old_ms` is the time per view of the model before the one in use.

    `highest` is the version below which no model of that name is taken; `last_permit_at` is when the
    newest permit to go back was issued that was used.
    """

    old_ms: float | None = None
    highest: dict[str, str] = Field(default_factory=dict)
    last_permit_at: datetime | None = None
    tried: ModelAttempt | None = None
    judged: ModelVerdict | None = None


class ModelStore:
    """The folder `models` of the node's data. Each change is on the disk when the call returns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.state = self._read()

    def folder(self, model: StoredModel) -> Path:
        """The folder of a model."""
        return self._folder / model.sha256

    def archive(self, sha256: str) -> Path:
        """The path of the archive with this hash, once it is complete."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{sha256}.tar"

    def unpack(self, desired: DesiredModel) -> StoredModel:
        """Unpack a model's archive. Raises ModelRejected or OSError."""
        model = StoredModel(
            version=desired.version,
            name=desired.name,
            model_version=desired.model_version,
            sha256=desired.sha256,
        )
        draft = self._folder / f"{model.sha256}.new"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(self.folder(model), ignore_errors=True)
        draft.mkdir(parents=True)
        try:
            unpack(self.archive(desired.sha256), draft)
            sync_folder(draft)
            draft.rename(self.folder(model))
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return model

    def begin_evaluation(self, desired: DesiredModel) -> None:
        """The model is under evaluation from now on, until it is swapped in or refused."""
        tried = ModelAttempt(
            version=desired.version, sha256=desired.sha256, starts=self.deaths(desired) + 1
        )
        self._write(self.state.model_copy(update={"tried": tried}))

    def end_evaluation(self) -> None:
        """The evaluation has ended without a verdict."""
        if self.state.tried is not None:
            self._write(self.state.model_copy(update={"tried": None}))

    def deaths(self, desired: DesiredModel) -> int:
        """How often the node has died during an evaluation of this desired model."""
        tried = self.state.tried
        if tried is None or (tried.version, tried.sha256) != (desired.version, desired.sha256):
            return 0
        return tried.starts

    def swap(
        self, model: StoredModel, old_ms: float | None, permit_at: datetime | None = None
    ) -> None:
        """From now on the node starts with this model, which has yet to prove itself.

        `permit_at` is of the permit that let it be an older one, which is used by this.
        """
        update: dict[str, object] = {"old_ms": old_ms, "tried": None, "judged": None}
        if permit_at is not None:
            update["last_permit_at"] = permit_at
        self._write(self.state.adopted(model).model_copy(update=update))

    def count_start(self) -> None:
        """The node starts with the model in use."""
        if not self.state.proven:
            self._write(self.state.started())

    def stopped_cleanly(self) -> None:
        """The node was told to stop: this start counts against no model."""
        tried = self.state.tried
        if tried is not None:
            tried = tried.model_copy(update={"starts": max(0, tried.starts - 1)})
        if tried is not None or not self.state.proven:
            self._write(self.state.stopped_cleanly().model_copy(update={"tried": tried}))

    def prove(self) -> None:
        """The model in use has proved itself: from now on no older one of its name is taken."""
        self._write(self.state.proved())
        if (model := self.state.current) is not None:
            self._raise_to(model.name, model.model_version)

    def note_installed(self, name: str, version: str) -> None:
        """The node runs the model that it was installed with."""
        known = self.state.highest.get(name)
        if self.state.current is None and (known is None or is_older(known, version)):
            self._raise_to(name, version)

    def _raise_to(self, name: str, version: str) -> None:
        highest = {**self.state.highest, name: version}
        self._write(self.state.model_copy(update={"highest": highest}))

    def roll_back(self, reason: str) -> None:
        """Return to the model before, and remember why the present one is not used."""
        gone = self.state.current
        if gone is None:
            return
        _log.error("model_rolled_back", model=f"{gone.name} {gone.model_version}", reason=reason)
        judged = ModelVerdict(
            version=gone.version, sha256=gone.sha256, state=ModelState.ROLLED_BACK, error=reason
        )
        update = {"old_ms": None, "tried": None, "judged": judged}
        self._write(self.state.rolled_back().model_copy(update=update))

    def refuse(self, desired: DesiredModel, reason: str) -> None:
        """Remember why the desired model is not used."""
        judged = ModelVerdict(
            version=desired.version,
            sha256=desired.sha256,
            state=ModelState.REFUSED,
            error=reason,
        )
        self._write(self.state.model_copy(update={"tried": None, "judged": judged}))

    def tidy(self, but: str | None = None) -> None:
        """Delete all but the model in use, the one before it, and the archive with the hash `but`."""
        held = {one.sha256 for one in (self.state.current, self.state.previous) if one is not None}
        for path in self._folder.glob("*"):
            stem = path.name.partition(".")[0]
            if path.name == _STATE or stem == but or (stem in held and path.is_dir()):
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _read(self) -> ModelStoreState:
        """The stored state; an unreadable file is put aside, and the node starts without one."""
        path = self._folder / _STATE
        try:
            return ModelStoreState.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return ModelStoreState()
        except ValidationError as error:
            _log.error("model_state_unreadable", file=str(path), reason=str(error))
            path.replace(path.with_name("state.unreadable"))
            return ModelStoreState()

    def _write(self, state: ModelStoreState) -> None:
        write_atomically(self._folder / _STATE, state.model_dump_json(indent=2) + "\n")
        self.state = state


_STATE = "state.json"
