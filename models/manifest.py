"""The manifest beside a model's weights: its input, its output, and how far to trust it."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.errors import ModelRejected, RejectionReason

MANIFEST_NAME = "manifest.json"
CARD_NAME = "CARD.md"
FAILURES_NAME = "failures.jpg"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InputSpec(_Part):
    """What the graph takes: one uint8 NHWC picture, BGR, letterboxed on grey."""

    width: int = Field(gt=0)
    height: int = Field(gt=0)
    layout: Literal["NHWC"] = "NHWC"
    dtype: Literal["uint8"] = "uint8"
    colour: Literal["BGR"] = "BGR"
    fit: Literal["letterbox"] = "letterbox"


class ConditionSpec(_Part):
    """The second look at covers: its square crops, and its weight."""

    side: int = Field(gt=0)
    margin: float = Field(gt=1, description="size of a crop over that of the cover's box")
    trust: float = Field(
        ge=0,
        le=1,
        description="its weight between good and broken: 1 it alone decides, 0 it is ignored",
    )
    open_trust: float = Field(0.0, ge=0, le=1, description="its weight in whether a hole is open")
    doubt: float = Field(
        0.0, ge=0, le=1, description="how far its verdict that there is no cover counts"
    )


Role = Literal["detector", "condition"]
Precision = Literal["fp32", "int8"]


class FileSpec(_Part):
    """A file of the model, as it was released."""

    name: str
    role: Role = "detector"
    precision: Precision
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    bytes: int = Field(gt=0)


class ClassMetrics(_Part):
    """How one class does on one set of pictures."""

    objects: int
    ap50: float
    ap: float
    recall: float = Field(description="at the operating threshold")
    false_positives_per_image: float = Field(description="at the operating threshold")


class SetMetrics(_Part):
    """How the model does on one set of pictures."""

    images: int
    mean_ap50: float
    manhole_any_ap50: float | None = None
    manhole_condition_right: float | None = Field(
        None,
        description="share of the covers found, at the operating thresholds, whose state is right",
    )
    manhole_false_positives_per_image: float = Field(
        0.0, description="broken or open covers that are reported wrongly, per picture"
    )
    ms_per_image: float = Field(0.0, description="on the processor that measured it, one thread")
    classes: dict[str, ClassMetrics]
    by_source: dict[str, dict[str, ClassMetrics]] = Field(
        {}, description="of each source of pictures, the figures of its classes"
    )


class RenderMetrics(_Part):
    """How often rendered covers are found, and their state is right, on seeds that were not in training."""

    covers: int
    found: float
    state_right: float


class DataSource(_Part):
    """Pictures that the model learned from or was measured on."""

    name: str
    use: Literal["train", "validate"]
    pictures: int
    licence: str
    what: str


class TrainedFrom(_Part):
    """The run that made the detector's weights."""

    config: str
    seed: int
    steps: int
    minutes: float
    finished_at: datetime


class Manifest(_Part):
    """Everything that is known about a released model."""

    name: str
    version: str
    classes: tuple[str, ...]
    input: InputSpec
    thresholds: dict[str, float]
    overlap: float = Field(
        gt=0, lt=1, description="overlap above which the weaker of two boxes goes"
    )
    condition: ConditionSpec | None = None
    files: tuple[FileSpec, ...]
    metrics: dict[str, dict[Precision, SetMetrics]] = Field(
        {}, description="by name of the set of pictures, then by precision of the weights"
    )
    renders: dict[str, RenderMetrics] = {}
    data: tuple[DataSource, ...] = ()
    trained: TrainedFrom

    @model_validator(mode="after")
    def _has_a_threshold_for_each_class(self) -> "Manifest":
        missing = set(self.classes) ^ set(self.thresholds)
        if missing:
            raise ValueError(f"thresholds and classes differ in {', '.join(sorted(missing))}")
        return self

    def file(self, precision: str, role: str = "detector") -> FileSpec:
        """Return the file of this role and precision; raises ModelRejected."""
        for spec in self.files:
            if (spec.role, spec.precision) == (role, precision):
                return spec
        missing = f"{self.name} {self.version} has no {precision} file for the {role}"
        raise ModelRejected(RejectionReason.FILE_MISSING, missing)


def read_manifest(directory: Path) -> Manifest:
    """Read the manifest of a model's folder; raises ModelRejected."""
    path = directory / MANIFEST_NAME
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError as missing:
        raise ModelRejected(RejectionReason.NO_MANIFEST, str(path)) from missing
    except ValidationError as wrong:
        raise ModelRejected(
            RejectionReason.BAD_MANIFEST, f"{path}: {wrong.error_count()} errors"
        ) from wrong


def write_manifest(manifest: Manifest, directory: Path) -> None:
    """Write the manifest into a model's folder."""
    (directory / MANIFEST_NAME).write_text(
        manifest.model_dump_json(indent=2) + "\n", encoding="utf-8"
    )


def describe_file(path: Path, role: Role, precision: Precision) -> FileSpec:
    """Describe a file of weights as it is now."""
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return FileSpec(name=path.name, role=role, precision=precision, sha256=digest, bytes=len(data))


def verified_path(directory: Path, spec: FileSpec) -> Path:
    """Check a file of weights against the manifest and return its path; raises ModelRejected.

    The file is not held in memory, of which an edge node has little.
    """
    path = directory / spec.name
    try:
        with path.open("rb") as weights:
            found = hashlib.file_digest(weights, "sha256").hexdigest()
    except FileNotFoundError as missing:
        raise ModelRejected(RejectionReason.FILE_MISSING, str(path)) from missing
    if found != spec.sha256:
        raise ModelRejected(
            RejectionReason.SHA256_DIFFERS, f"{path} has {found}, the manifest says {spec.sha256}"
        )
    return path
