"""The model card, written from the manifest so that the two never differ."""

from collections.abc import Sequence

from models.manifest import DataSource, Manifest, SetMetrics

_KNOWN_LIMITS = """\
- No real photo of a cover was learned from; covers were rendered. The real photos of covers used
  to measure are few and mostly close-ups: expect less on others.
- `broken` and `open` are confused where water, rubble or a shallow floor shows in the hole.
- Covers less than about 6 % of the picture's width were not learned; look at tiles instead.
- Night, heavy rain, snow and fisheye views are not in the training pictures.
- Potholes and cracks were not excluded in the renders, so stains on rendered ground raise false
  alarms below the high thresholds chosen for them; few real ones are found above.
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
        "chosen with a third of these pictures in view."
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


def _reproduce(manifest: Manifest) -> str:
    trained = manifest.trained
    return (
        "## How to make it again\n\n"
        f"Configuration `{trained.config}`, seed {trained.seed}: {trained.steps} steps in "
        f"{trained.minutes:.0f} minutes on two shared CPU cores; the run is bounded by time, so the "
        "number of steps depends on the machine.\n\n"
        "```sh\n"
        "pip install '.[train]'\n"
        'python -m scenes dataset "$RENDERS" --count 3000 --photos "$PATROLHUB_DATA/street"\n'
        'python -m scenes dataset "$COVERS" --count 1200 --first 100000 --kind covers\n'
        f"python -m models train {trained.config} \\\n"
        '  --photos "$PATROLHUB_DATA/street" --renders "$RENDERS" --out "$RUN"\n'
        "python -m models train-condition models/training/configs/street.condition.toml \\\n"
        '  --photos "$PATROLHUB_DATA/street" --renders "$RENDERS" --renders "$COVERS" --out "$RUN"\n'
        'python -m models export "$RUN/checkpoint.pt" --condition "$RUN/condition.pt" \\\n'
        f"  --out models/{manifest.name}\n"
        f'python -m models measure models/{manifest.name} --data "$PATROLHUB_DATA"\n'
        "```"
    )
