"""The responsibility list."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.running import fail, in_transaction
from hub.clock import TIMEZONE
from hub.db import Connection

if TYPE_CHECKING:
    from hub.catalogue.item import CatalogueItem, Condition, ItemKind, LimitStep

app = typer.Typer(help="The responsibility list.", no_args_is_help=True)

_Version = Annotated[int | None, typer.Option(help="The version; without it the newest.")]


@app.callback()
def catalogue() -> None:
    """The responsibility list."""


@app.command("import")
def import_(
    file: Path,
    dry_run: Annotated[bool, typer.Option(help="Show the difference and change nothing.")] = False,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="NAME=MEANING",
            help="Confirm what a name stands for: a unit's key, territory or study. It is kept.",
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(help="The kind of items of a list without it: component, event, dispute, ..."),
    ] = None,
) -> None:
    """Import a district's own responsibility list (CSV, XLSX or YAML) as a new version.

    Every bad cell is named with its reason, and nothing is imported then (exit code 2). Items that are
    not in the file stay as they are.
    """
    from hub.catalogue.commands import import_catalogue

    meanings = dict(_meaning(text) for text in map_ or [])
    known = _kind(kind)
    report = in_transaction(
        lambda work: import_catalogue(work, file, dry_run=dry_run, meanings=meanings, kind=known)
    )
    typer.echo(report.text())
    if report.bad:
        raise typer.Exit(2)


@app.command()
def show(
    item_key: Annotated[
        str | None, typer.Argument(help="An item; without it all are listed.")
    ] = None,
    version: _Version = None,
) -> None:
    """Show the items of a version, or one with its conditions, limits and units."""
    from hub.catalogue import store

    async def items_of(db: Connection) -> tuple[int, list["CatalogueItem"]]:
        wanted = await store.current_version(db) if version is None else version
        found = await store.items_by_key(db, wanted)
        if item_key is not None:
            return wanted, [await store.item(db, wanted, item_key)]
        return wanted, list(found.values())

    shown, items = in_transaction(lambda work: items_of(work.db))
    typer.echo(f"version {shown}, {len(items)} items" if item_key is None else f"version {shown}")
    for each in items:
        for line in _details(each) if item_key is not None else _summary(each):
            typer.echo(line)


@app.command()
def versions() -> None:
    """List the versions, the newest first, with who made them from what, and why."""
    from hub.catalogue import store

    for each in in_transaction(lambda work: store.versions(work.db)):
        at = f"{each.imported_at.astimezone(TIMEZONE):%Y-%m-%d %H:%M}"
        words = [str(each.version), at, each.imported_by, each.source, f"{each.items} items"]
        typer.echo("  ".join([*words, each.reason] if each.reason else words))


@app.command()
def diff(
    before: Annotated[
        int | None, typer.Argument(help="A version; else the one before AFTER.")
    ] = None,
    after: Annotated[int | None, typer.Argument(help="A version; else the newest.")] = None,
) -> None:
    """Show what differs between two versions, field by field."""
    from hub.catalogue import store
    from hub.catalogue.comparing import ListComparison, compared

    async def difference(db: Connection) -> tuple[int, int, ListComparison]:
        last = await store.current_version(db) if after is None else after
        first = max(last - 1, 1) if before is None else before
        return (
            first,
            last,
            compared(await store.items_by_key(db, first), await store.items_by_key(db, last)),
        )

    first, last, found = in_transaction(lambda work: difference(work.db))
    for line in found.lines():
        typer.echo(line)
    for key in found.kept:
        typer.echo(f"- {key}")
    counts = f"{len(found.added)} new, {len(found.changed)} changed"
    typer.echo(f"version {first} -> {last}: {counts}, {len(found.unchanged)} unchanged")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="A file that ends in .csv, .xlsx or .yaml.")],
    version: _Version = None,
    language: Annotated[str, typer.Option(help="Language of titles and words: zh or en.")] = "zh",
) -> None:
    """Write a version to a file that can be imported again without a change."""
    from hub.catalogue import store
    from hub.catalogue.exporting import ListFormat, exported
    from hub.catalogue.mappings import load_book

    suffix = file.suffix.lower().removeprefix(".").replace("yml", "yaml")
    if suffix not in set(ListFormat):
        fail(f"{file.name}: the name must end in .csv, .xlsx or .yaml")
    if language not in ("zh", "en"):
        fail(f"--language: {language} is neither zh nor en")

    async def written(db: Connection) -> tuple[int, int, bytes]:
        wanted = await store.current_version(db) if version is None else version
        items = list((await store.items_by_key(db, wanted)).values())
        book = await load_book(db, ())
        data = exported(items, ListFormat(suffix), book, chinese=language == "zh")
        return wanted, len(items), data

    wanted, count, data = in_transaction(lambda work: written(work.db))
    try:
        file.write_bytes(data)
    except OSError as error:
        fail(f"{file} can't be written: {error.strerror}")
    typer.echo(f"version {wanted}, {count} items: {file}")


@app.command("map")
def map_name(name: str, stands_for: str) -> None:
    """Confirm what a name in lists stands for: a unit's key, territory or study. It is kept."""
    from hub.catalogue.mappings import confirm_mappings

    in_transaction(lambda work: confirm_mappings(work, {name: stands_for}))
    typer.echo(f"{name} = {stands_for}")


@app.command()
def mappings() -> None:
    """List the confirmed names, and what they stand for."""
    from hub.catalogue.mappings import unit_mappings

    for each in in_transaction(lambda work: unit_mappings(work.db)):
        at = f"{each.confirmed_at.astimezone(TIMEZONE):%Y-%m-%d %H:%M}"
        typer.echo(f"{each.name} = {each.stands_for}  {each.confirmed_by}  {at}")


def _meaning(text: str) -> tuple[str, str]:
    name, equals, meaning = text.rpartition("=")
    if not equals:
        fail(f"--map: {text} is not NAME=MEANING")
    return name.strip(), meaning.strip()


def _kind(text: str | None) -> "ItemKind | None":
    from hub.catalogue.item import ItemKind

    try:
        return None if text is None else ItemKind(text)
    except ValueError:
        fail(f"--kind: {text} is none of {', '.join(ItemKind)}")


def _summary(item: "CatalogueItem") -> Iterator[str]:
    units = "、".join(filter(None, (item.lead_unit, *item.assist_units))) or item.owner_rule
    limits = "; ".join(f"{each.cond_key} {_limits(each)}" for each in item.conditions)
    yield f"{item.item_key}  {item.title_zh}  {item.kind}  {units}  {limits}"


def _details(item: "CatalogueItem") -> Iterator[str]:
    body = item.model_dump(mode="json", by_alias=True, exclude={"conditions"})
    for name, value in body.items():
        if value not in (None, [], ""):
            yield f"{name}: {_plain(value)}"
    for condition in item.conditions:
        yield f"condition {condition.cond_key}: {condition.text_zh} / {condition.text_en}"
        yield f"    severity {condition.severity}, limit {_limits(condition)}"
        if condition.limit_note:
            yield f"    limit note: {condition.limit_note}"
        for step in condition.steps:
            closing = f", closed when {step.close_condition}" if step.close_condition else ""
            limit = _limit(step)
            yield f"    step {step.step_key}: {step.text_zh} / {step.text_en}, {limit}{closing}"
        if condition.close_condition:
            yield f"    closed when {condition.close_condition}"
        yield f"    evidence: {', '.join(condition.evidence_required) or 'none'}"
        for each in condition.detectors:
            yield (
                f"    detected as {each.label}: score {each.min_score:g},"
                f" {each.min_hits} hits in {each.window_s:g} s"
            )


def _limits(condition: "Condition") -> str:
    timed = condition.steps or (condition,)
    return " then ".join(map(_limit, timed))


def _limit(timed: "Condition | LimitStep") -> str:
    policy = "" if timed.policy == "accumulate" else f" {timed.policy}"
    return f"{timed.limit.value:g} {timed.limit.type}{policy}"


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return str(value)
