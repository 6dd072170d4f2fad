"""Accounts of the people who use the console."""

import sys
from typing import Annotated

import typer
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from rich.table import Table

from hub.accounts.account import Role, usual_scope
from hub.accounts.scope import Scope
from hub.cli.running import fail, in_transaction, out
from hub.clock import TIMEZONE
from hub.journal.unit_of_work import UnitOfWork

app = typer.Typer(help="Accounts of the people who use the console.", no_args_is_help=True)

PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]
RoleOption = Annotated[
    Role,
    typer.Option(
        parser=Role,
        metavar="ROLE",
        help="viewer, seat_operator, dispatcher, unit_handler, supervisor, auditor or admin",
    ),
]
ScopeOption = Annotated[
    Scope | None,
    typer.Option(
        parser=Scope.parse,
        metavar="SCOPE",
        help="What the account sees: district, territory:KEY (with all below it) or unit:KEY. "
        "Default: the unit of a unit handler, for all others the district.",
    ),
]
Keep = Annotated[
    bool,
    typer.Option("--keep-password", help="Don't ask for another password at the first log-in."),
]


@app.command()
def create(
    username: str,
    role: RoleOption,
    password_stdin: PasswordStdin = False,
    unit: Annotated[str | None, typer.Option(help="The unit of a unit handler.")] = None,
    scope: ScopeOption = None,
    name: Annotated[str | None, typer.Option(help="Name shown in the console.")] = None,
    keep_password: Keep = False,
) -> None:
    """Create an account for a person, who must change the password at the first log-in."""
    from hub.accounts import create_account

    password = _password(stdin=password_stdin)
    in_transaction(
        lambda work: create_account(
            work,
            username,
            name or username,
            role,
            unit,
            password,
            scope=scope,
            must_change_password=not keep_password,
        )
    )
    out.print(f"account {username} created")


def _scope(given: object) -> object:
    return Scope.parse(given) if isinstance(given, str) else given


class ImportedAccount(BaseModel):
    """One account of `accounts import`."""

    model_config = ConfigDict(extra="forbid")

    username: str
    role: Role
    password: str
    unit: str | None = None
    scope: Annotated[Scope | None, BeforeValidator(_scope)] = None
    name: str | None = None


@app.command("import")
def import_(keep_password: Keep = False) -> None:
    """Create accounts from standard input, one JSON object per line: username, role, password, unit,
    scope, name.

    Either all of them are created, or none.
    """
    from hub.accounts import create_account

    lines = [_read_line(*each) for each in enumerate(filter(str.strip, sys.stdin), 1)]

    async def create_all(work: UnitOfWork) -> None:
        for line in lines:
            await create_account(
                work,
                line.username,
                line.name or line.username,
                line.role,
                line.unit,
                line.password,
                scope=line.scope,
                must_change_password=not keep_password,
            )

    in_transaction(create_all)
    out.print(f"{len(lines)} accounts created")


@app.command("list")
def list_() -> None:
    """List the accounts: role, unit, scope, state, sessions, and when somebody last logged in."""
    from hub.accounts.store import list_accounts

    found = in_transaction(lambda work: list_accounts(work.db, work.now))
    table = Table("user name", "name", "role", "unit", "scope", "state", "sessions", "last log-in")
    for each in found:
        state = "disabled" if each.disabled else "active"
        if each.must_change_password and not each.disabled:
            state = "must change the password"
        last = each.last_at.astimezone(TIMEZONE).strftime("%Y-%m-%d %H:%M") if each.last_at else ""
        unit = each.unit_key or ""
        place = (each.role, unit, each.scope)
        table.add_row(each.username, each.name, *place, state, str(each.sessions), last)
    out.print(table)


@app.command()
def change(
    username: str,
    role: RoleOption,
    unit: Annotated[str | None, typer.Option(help="The unit of a unit handler.")] = None,
    scope: ScopeOption = None,
) -> None:
    """Give an account another role, unit and scope, and end its sessions, live lines and views."""
    from hub.accounts.administration import change_account

    seen = scope or usual_scope(role, unit)
    ended = in_transaction(lambda work: change_account(work, username, role, unit, seen))
    out.print(f"{username} is {role} with the scope {seen}, {ended} sessions ended")


@app.command()
def disable(username: str) -> None:
    """Let nobody log in with an account, and end its sessions, live lines and views at once."""
    from hub.accounts.administration import disable_account

    ended = in_transaction(lambda work: disable_account(work, username))
    out.print(f"account {username} disabled, {ended} sessions ended")


@app.command()
def enable(username: str) -> None:
    """Let a disabled account log in again; its old sessions stay ended."""
    from hub.accounts.administration import enable_account

    in_transaction(lambda work: enable_account(work, username))
    out.print(f"account {username} enabled")


@app.command()
def password(
    username: str, password_stdin: PasswordStdin = False, keep_password: Keep = False
) -> None:
    """Set a password, which must be changed at the next log-in, and end the account's sessions."""
    from hub.accounts.administration import set_password

    given = _password(stdin=password_stdin)
    ended = in_transaction(
        lambda work: set_password(work, username, given, must_change_password=not keep_password)
    )
    out.print(f"password of {username} set, {ended} sessions ended")


@app.command()
def unlock(username: str) -> None:
    """Forget an account's failed log-ins, so that nobody has to wait."""
    from hub.accounts.administration import unlock_account

    forgotten = in_transaction(lambda work: unlock_account(work, username))
    out.print(f"{forgotten} failed log-ins of {username} forgotten")


@app.command()
def sessions(username: Annotated[str | None, typer.Argument()] = None) -> None:
    """List the sessions of an account, or of all: number, address, since when, last use."""
    from hub.accounts.store import list_sessions

    found = in_transaction(lambda work: list_sessions(work.db, username, work.now))
    table = Table("session", "user name", "address", "since", "last use", "ends")
    for each in found:
        times = (each.created_at, each.used_at or each.created_at, each.expires_at)
        told = [at.astimezone(TIMEZONE).strftime("%Y-%m-%d %H:%M") for at in times]
        table.add_row(str(each.session_id), each.username, each.address, *told)
    out.print(table)


@app.command()
def revoke(
    username: str,
    session: Annotated[
        int | None, typer.Option(help="Only this session, by its number; default: all.")
    ] = None,
) -> None:
    """End an account's sessions, with their live lines and views; the account stays as it is."""
    from hub.accounts.administration import revoke_sessions

    ended = in_transaction(lambda work: revoke_sessions(work, username, session))
    out.print(f"{ended} sessions of {username} ended")


def _password(*, stdin: bool) -> str:
    if stdin:
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _read_line(number: int, line: str) -> ImportedAccount:
    try:
        return ImportedAccount.model_validate_json(line)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        fail(f"line {number}: {where}: {error.errors()[0]['msg']}")
