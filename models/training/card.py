"""The model card, written from the manifest so that the two never differ."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import PurePosixPath

from models.manifest import DataSource, Manifest, RunRecord, SetMetrics, TrainedFrom

_KNOWN_LIMITS = """\
- No real photo of a cover was learned from; covers were rendered. The real photos of covers used
  to measure are few and mostly close-ups: expect less on others.
- `broken` and `open` are confused where water, rubble or a shallow floor shows in the hole.
- Covers less than about 6 % of the picture's width were not learned; look at tiles instead.
- Night, heavy rain, snow and fisheye views are not in the training pictures.
- `road_crack` boxes come from coarse masks; `bin_overflow` was sometimes labelled on merely full
  bins.""".splitlines()


def write_card(manifest: Manifest) -> str:
    """Return the card in Markdown."""
    parts = [
        _head(manifest),
        _intended(),
        *(_measured(name, figures) for name, figures in manifest.metrics.items()),
        _renders(manifest),
        _distrust(manifest),
        _data(manifest.data),
        _reproduce(manifest),
    ]
    return "\n\n".join(parts) + "\n"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _head(manifest: Manifest) -> str:
    graph = manifest.file("fp32")
    rows = [(name, f"{manifest.thresholds[name]:.2f}") for name in manifest.classes]
    return (
        f"# {manifest.name} {manifest.version}\n\n"
        "A dense anchor-free detector of 3x3 convolutions and ReLU, trained from scratch. "
        f"Input {manifest.input.width} x {manifest.input.height}, uint8, BGR, letterboxed on grey; "
        f"`{graph.name}`, fp32, {graph.bytes / 1e6:.1f} MB.{_second_look(manifest)}\n\n"
        + _table(("class", "operating threshold"), rows)
    )


def _second_look(manifest: Manifest) -> str:
    if manifest.condition is None:
        return ""
    graph, spec = manifest.file("fp32", "condition"), manifest.condition
    return (
        " The condition of each cover found is told by a second network from a crop at the "
        f"picture's own resolution, {spec.side} x {spec.side} (`{graph.name}`, "
        f"{graph.bytes / 1e6:.1f} MB), whose word counts {spec.trust:.2f}."
    )


def _intended() -> str:
    return (
        "## Intended use\n\n"
        "To bring street faults to a person's eyes sooner: a detection is a signal that becomes a "
        "case, and people decide on cases. It looks at streets from poles and from a patroller's "
        "hand, by day. It is not made to measure people or vehicles, to fine anybody, or to replace "
        "a barrier round an open hole."
    )


def _measured(name: str, figures: SetMetrics) -> str:
    rows = [
        (
            label,
            str(score.objects),
            f"{score.ap50:.3f}",
            f"{score.ap:.3f}",
            f"{score.recall:.2f}",
            f"{score.false_positives_per_image:.2f}",
        )
        for label, score in figures.classes.items()
    ]
    head = ("class", "objects", "AP50", "AP", "recall at threshold", "false alarms per picture")
    lines = [f"## Measured on {name} ({figures.images} real photos)", _table(head, rows)]
    summary = f"Mean AP50 {figures.mean_ap50:.3f}."
    if figures.manhole_any_ap50 is not None:
        summary += f" Covers in any state taken as one class: AP50 {figures.manhole_any_ap50:.3f}."
    else:
        summary += (
            " Covers were not labelled here, and hardly any is in view: broken or open covers are reported "
            f"{figures.manhole_false_positives_per_image:.3f} times per picture, nearly all of them falsely."
        )
    return "\n\n".join([*lines, summary])


def _renders(manifest: Manifest) -> str:
    rows = [
        (name, str(r.pictures), f"{100 * r.found:.1f} %", f"{100 * r.state_right:.1f} %")
        for name, r in manifest.renders.items()
    ]
    head = ("rendered pictures, unseen seeds", "covers", "found", "found in the right state")
    return (
        "## Measured on renders\n\n" + _table(head, rows) + "\n\n"
        "Renders come from the same renderer that made the training pictures. These figures tell "
        "that the demo works; they say little about real streets. Thresholds of the covers were "
        "chosen on renders of other seeds, those of the other classes on the real photos above, so "
        "their recall and false alarms are a little flattered."
    )


def _distrust(manifest: Manifest) -> str:
    weak = sorted(
        {
            f"{label} (AP50 {score.ap50:.2f} on {name})"
            for name, figures in manifest.metrics.items()
            for label, score in figures.classes.items()
            if score.ap50 < 0.5
        }
    )
    listed = (
        [f"- Below 0.5 in AP50, so not to be acted on unseen: {'; '.join(weak)}."] if weak else []
    )
    return "\n".join(["## Where not to trust it", "", *_KNOWN_LIMITS, *listed])


def _data(sources: tuple[DataSource, ...]) -> str:
    rows = [(s.name, s.use, str(s.pictures), s.licence, s.what) for s in sources]
    return (
        "## Data\n\n"
        + _table(("source", "use", "pictures", "licence as stated", "what"), rows)
        + "\n\nNone of these photos is part of the project; the weights are."
    )


def _runs_before(manifest: Manifest) -> str:
    trained = manifest.trained
    detector = "".join(f"\n- {_told(run)}" for run in trained.before)
    condition = "".join(f"\n- {_told(run)}" for run in trained.condition_runs)
    text = ""
    if detector:
        text += (
            " It was a warm restart, not one long run: it began from the averaged weights of the "
            "last of these, each of which began from those of the one before, with new rates and a "
            f"new optimiser:\n{detector}"
        )
    if condition:
        text += f"\n\nThe second look, likewise:\n{condition}"
    return text


def _told(run: RunRecord) -> str:
    return (
        f"`{run.config}`: {run.steps} steps of {run.batch} pictures at {run.side} px, "
        f"{run.minutes:.0f} minutes"
    )


def _stem(config: str) -> str:
    return PurePosixPath(config).stem


def _train_commands(trained: TrainedFrom) -> str:
    """Each run leaves its checkpoint in a folder of its own, where the next finds it."""
    detector = [*(run.config for run in trained.before), trained.config]
    condition = [run.config for run in trained.condition_runs]
    lines = []
    for before, config in pairwise(["", *detector]):
        start = f' --start "$RUN/{_stem(before)}/checkpoint.pt"' if before else ""
        lines.append(
            f"python -m models train {config}{start} \\\n"
            '  --photos "$PATROLHUB_DATA/street" --renders "$RENDERS" '
            f'--out "$RUN/{_stem(config)}"\n'
        )
    for before, config in pairwise(["", *condition]):
        start = f' --start "$RUN/{_stem(before)}/condition.pt"' if before else ""
        lines.append(
            f"python -m models train-condition {config}{start} \\\n"
            '  --photos "$PATROLHUB_DATA/street" --renders "$RENDERS" --renders "$COVERS" \\\n'
            '  --renders "$PATROL" --renders "$PATROL" --renders "$PATROL" '
            f'--out "$RUN/{_stem(config)}"\n'
        )
    return "".join(lines)


def _with_condition(trained: TrainedFrom) -> str:
    if not trained.condition_runs:
        return ""
    return f'  --condition "$RUN/{_stem(trained.condition_runs[-1].config)}/condition.pt" \\\n'


def _reproduce(manifest: Manifest) -> str:
    trained = manifest.trained
    return (
        "## How to make it again\n\n"
        f"The last run was `{trained.config}`, seed {trained.seed}: {trained.steps} steps in "
        f"{trained.minutes:.0f} minutes on two shared CPU cores. Runs are bounded by time, so the "
        "number of steps depends on the machine."
        f"{_runs_before(manifest)}\n\n"
        "```sh\n"
        "pip install '.[train]'\n"
        'python -m scenes dataset "$RENDERS" --count 3000 --photos "$PATROLHUB_DATA/street"\n'
        'python -m scenes dataset "$COVERS" --count 1600 --first 100000 --kind covers\n'
        'python -m scenes dataset "$PATROL" --count 420 --first 200000 --shard 140 --kind patrol\n'
        'cp -r "$PATROL"/* "$RENDERS"\n'
        'python -m scenes dataset "$PATROL" --count 150 --first 210000 --kind patrol --side 1280\n'
        f"{_train_commands(trained)}"
        f'python -m models export "$RUN/{_stem(trained.config)}/checkpoint.pt" \\\n'
        f"{_with_condition(trained)}"
        f"  --out models/{manifest.name}\n"
        f'python -m models measure models/{manifest.name} --data "$PATROLHUB_DATA"\n'
        "```"
    )
