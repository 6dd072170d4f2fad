"""The model card, generated from the manifest so that the two never differ."""

from collections.abc import Sequence
from statistics import fmean

from models.manifest import (
    FAILURES_NAME,
    DataSource,
    Manifest,
    Precision,
    SetMetrics,
    TrainedFrom,
)


def write_card(manifest: Manifest, notes: str) -> str:
    """Return the card in Markdown: the manifest's figures, then the notes about them."""
    parts = [
        _head(manifest),
        _intended(),
        *(_measured(name, figures) for name, figures in manifest.metrics.items()),
        _renders(manifest),
        _failures(manifest),
        _distrust(manifest),
        notes.strip(),
        _data(manifest.data),
        _trained(manifest.trained),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


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
        f"{graph.bytes / 1e6:.1f} MB); between good and broken its word counts {spec.trust:.2f}, whether "
        f"a hole is open it counts {spec.open_trust:.2f}."
    )


def _intended() -> str:
    return (
        "## Intended use\n\n"
        "To bring street faults to a person's eyes sooner: a detection is a signal that becomes a "
        "case, and people decide on cases. It looks at streets from poles and from a patroller's "
        "hand, by day. It is not made to measure people or vehicles, to fine anybody, or to replace "
        "a barrier round an open hole."
    )


def _measured(name: str, by_precision: dict[Precision, SetMetrics]) -> str:
    figures = by_precision["fp32"]
    rows = [
        (
            label,
            str(score.objects),
            f"{score.ap50:.3f}",
            f"{score.ap:.3f}",
            f"{score.recall:.2f}",
            f"{score.false_positives_per_image:.3f}",
        )
        for label, score in figures.classes.items()
    ]
    head = ("class", "objects", "AP50", "AP", "recall at threshold", "false alarms per picture")
    lines = [
        f"## Measured on {name} ({figures.images} real photos)",
        _table(head, rows),
        _summary(figures),
        _int8(by_precision),
        _sources(figures),
    ]
    return "\n\n".join(line for line in lines if line)


def _summary(figures: SetMetrics) -> str:
    summary = f"Mean AP50 {figures.mean_ap50:.3f}."
    if figures.manhole_any_ap50 is None:
        return summary + (
            " Covers were not labelled here, and hardly any is in view: broken or open covers are reported "
            f"{figures.manhole_false_positives_per_image:.3f} times per picture, nearly all of them falsely."
        )
    summary += f" Covers in any state taken as one class: AP50 {figures.manhole_any_ap50:.3f}."
    if figures.manhole_condition_right is not None:
        right = 100 * figures.manhole_condition_right
        summary += (
            f" Of the covers found at the thresholds, {right:.0f} % are told in the right state."
        )
    return summary


def _int8(by_precision: dict[Precision, SetMetrics]) -> str:
    """A table with the figures of both precisions side by side."""
    if "int8" not in by_precision:
        return ""
    full, small = by_precision["fp32"], by_precision["int8"]
    rows = [
        (
            label,
            f"{one.ap50:.3f}",
            f"{other.ap50:.3f}",
            f"{one.ap:.3f}",
            f"{other.ap:.3f}",
            f"{one.recall:.2f}",
            f"{other.recall:.2f}",
            f"{one.false_positives_per_image:.3f}",
            f"{other.false_positives_per_image:.3f}",
        )
        for (label, one), other in zip(full.classes.items(), small.classes.values(), strict=True)
    ]
    kinds = ("AP50", "AP", "recall", "false/picture")
    head = ("class", *(f"{kind} {p}" for kind in kinds for p in ("fp32", "int8")))
    change = 100 * (_mean_ap(small) - _mean_ap(full))
    return (
        _table(head, rows)
        + f"\n\nThe mean AP of int8 differs from that of fp32 by {change:+.2f} points. "
        f"A picture took {full.ms_per_image:.1f} ms in fp32 and {small.ms_per_image:.1f} ms in "
        "int8, letterbox and second look included."
    )


def _mean_ap(figures: SetMetrics) -> float:
    return fmean(score.ap for score in figures.classes.values())


def _sources(figures: SetMetrics) -> str:
    rows = [
        (
            source,
            label,
            str(score.objects),
            f"{score.ap50:.3f}",
            f"{score.recall:.2f}",
            f"{score.false_positives_per_image:.3f}",
        )
        for source, classes in figures.by_source.items()
        for label, score in classes.items()
    ]
    head = ("source", "class", "objects", "AP50", "recall", "false alarms per picture")
    return _table(head, rows) if rows else ""


def _renders(manifest: Manifest) -> str:
    rows = [
        (name, str(r.covers), f"{100 * r.found:.1f} %", f"{100 * r.state_right:.1f} %")
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


def _failures(manifest: Manifest) -> str:
    if all(r.state_right == 1 for r in manifest.renders.values()):
        return ""
    return (
        "## What it gets wrong\n\n"
        f"![Rendered covers that were missed or taken for another state]({FAILURES_NAME})\n\n"
        "Renders of unseen seeds; the real photos may not be shown. Above each stands what it is and "
        "what was told."
    )


def _distrust(manifest: Manifest) -> str:
    weak = sorted(
        {
            f"{label} (AP50 {score.ap50:.2f} on {name})"
            for name, by_precision in manifest.metrics.items()
            for label, score in by_precision["fp32"].classes.items()
            if score.ap50 < 0.5
        }
    )
    if not weak:
        return ""
    return f"Below 0.5 in AP50, so not to be acted on unseen: {'; '.join(weak)}."


def _data(sources: tuple[DataSource, ...]) -> str:
    rows = [(s.name, s.use, str(s.pictures), s.licence, s.what) for s in sources]
    return (
        "## Data\n\n"
        + _table(("source", "use", "pictures", "licence as stated", "what"), rows)
        + "\n\nNone of these photos is part of the project; the weights are."
    )


def _trained(trained: TrainedFrom) -> str:
    return (
        "## How it came about\n\n"
        f"The detector: `{trained.config}`, seed {trained.seed}, {trained.steps} steps in "
        f"{trained.minutes:.0f} minutes, finished {trained.finished_at:%Y-%m-%d}."
    )
