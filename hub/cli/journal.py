"""The record of everything that happened: anchors, and the proof that nobody changed it."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.cli.running import err, fail, in_transaction, out, settings
from hub.db import Connection
from hub.journal.anchor import Anchor, read_anchors
from hub.journal.anchoring import AnchorLog, anchor_journal, anchor_restored
from hub.journal.unit_of_work import UnitOfWork
from hub.journal.verification import (
    JournalFinding,
    JournalWalk,
    check_anchors,
    check_entries,
    check_triggers,
    rights_too_many,
    still_binding,
)
from hub.settings import Settings
from models.signing import BadKey, new_key, public_text, read_key, read_public

_OWN_ROLE = (
    "let the hub's processes use a role of their own (PATROLHUB_DATABASE_OWNER_URL in "
    "docs/configuration.md)"
)

app = typer.Typer(help="The record of everything that happened.", no_args_is_help=True)


@app.callback()
def journal() -> None:
    """The record of everything that happened."""


@app.command()
def verify(
    anchors: Annotated[
        list[Path] | None,
        typer.Option(help="A file of anchors, once for each; default: the one of the settings."),
    ] = None,
    public_key: Annotated[
        str | None,
        typer.Option(help="The key that signed the anchors; default: that of the settings' file."),
    ] = None,
) -> None:
    """Check the journal and its anchors, and each case against its entries; name whatever differs.

    Exit code 1 if anything does.
    """
    given = settings()
    files = anchors or ([given.journal_anchor_file] if given.journal_anchor_file else [])
    signed = [_read_anchors(file) for file in files]
    key = _public_key(given, public_key) if files else None
    if key is None:
        _warn(
            "without anchors, a journal that was cut off, emptied or rewritten as a whole looks "
            "like a good one: see PATROLHUB_JOURNAL_KEY_FILE in docs/configuration.md"
        )
    forged = [each for file in signed if key for each in check_anchors(file, key)]
    walk = JournalWalk([each for file in signed for each in still_binding(file)])

    async def check(work: UnitOfWork) -> int:
        await work.db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        if (rights := await rights_too_many(work.db)) is not None:
            _warn(f"the role of this command can change the journal ({rights}): {_OWN_ROLE}")
        return sum([_tell(each) async for each in _everything(work.db, walk, forged)])

    wrong = in_transaction(check)
    newest = max((each.at for file in signed for each in file), default=None)
    counted = sum(map(len, signed))
    out.print(f"{walk.count} entries and {counted} anchors checked, {wrong} findings")
    if newest is not None:
        out.print(f"the newest anchor is of {newest.isoformat()}")
    if wrong:
        raise typer.Exit(1)


@app.command()
def anchor(
    restored: Annotated[
        str | None,
        typer.Option(help="Say that a backup was restored, and why: the journal may be shorter."),
    ] = None,
) -> None:
    """Sign how far the journal has come, and write it outside of the database."""
    log = anchor_log(settings())
    if log is None:
        fail("set PATROLHUB_JOURNAL_KEY_FILE and PATROLHUB_JOURNAL_ANCHOR_FILE first")
    if restored is None:
        written = in_transaction(lambda work: anchor_journal(work, log))
        out.print("anchored" if written else "nothing new since the newest anchor")
    else:
        in_transaction(lambda work: anchor_restored(work, log, restored))
        out.print("anchored, as restored from a backup")


@app.command()
def keygen(file: Path) -> None:
    """Make the key that signs anchors, in a new file; prints its public half."""
    try:
        out.print(public_text(new_key(file)), highlight=False)
    except OSError as error:
        fail(f"{file} can't be written: {error.strerror}")


def anchor_log(given: Settings) -> AnchorLog | None:
    """Where the settings say that anchors are written; None if they don't."""
    if given.journal_key_file is None or given.journal_anchor_file is None:
        return None
    try:
        key = read_key(given.journal_key_file)
    except (OSError, BadKey) as error:
        fail(f"PATROLHUB_JOURNAL_KEY_FILE: {error}; `python -m hub journal keygen` makes one")
    return AnchorLog(key, given.journal_anchor_file, given.journal_syslog)


async def _everything(
    db: Connection, walk: JournalWalk, forged: Sequence[JournalFinding]
) -> AsyncIterator[JournalFinding]:
    from hub.cases.verification import check_cases

    for finding in forged:
        yield finding
    for check in (check_entries(db, walk), check_cases(db), check_triggers(db)):
        async for finding in check:
            yield finding


def _warn(sentence: str) -> None:
    err.print(sentence, style="yellow", markup=False, highlight=False, soft_wrap=True)


def _tell(finding: JournalFinding) -> int:
    err.print(str(finding), markup=False, highlight=False, soft_wrap=True)
    return 1


def _read_anchors(file: Path) -> list[Anchor]:
    try:
        return read_anchors(file.read_text(errors="replace").splitlines())
    except OSError as error:
        fail(f"{file} can't be read: {error.strerror}; give the anchors by --anchors")


def _public_key(given: Settings, text: str | None) -> Ed25519PublicKey:
    if text is None and given.journal_key_file is None:
        fail("give the key that signed the anchors by --public-key")
    try:
        if text is not None:
            return read_public(text)
        assert given.journal_key_file is not None
        return read_key(given.journal_key_file).public_key()
    except (OSError, BadKey) as error:
        fail(f"the key of the anchors can't be read: {error}")
