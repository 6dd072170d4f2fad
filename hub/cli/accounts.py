"""Accounts of the people who use the console."""

import sys
from typing import Annotated

import typer
from pydantic import BaseModel, ConfigDict, ValidationError

from hub.accounts.account import Role
from hub.cli.running import fail, in_transaction, out
from hub.journal.unit_of_work import UnitOfWork

app = typer.Typer(help="Accounts of the people who use the console.", no_args_is_help=True)


@app.command()
def create(
    username: str,
    role: Annotated[
        Role, typer.Option(help="dispatcher, seat_operator, unit_handler, supervisor or admin")
    ],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    unit: Annotated[str | None, typer.Option(help="The unit of a unit handler.")] = None,
    name: Annotated[str | None, typer.Option(help="Name shown in the console.")] = None,
) -> None:
    """Create an account for a person."""
    from hub.accounts.commands import create_account

    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    in_transaction(
        lambda work: create_account(work, username, name or username, role, unit, password)
    )
    out.print(f"account {username} created")


class AccountLine(BaseModel):
    """One account of `accounts import`."""

    model_config = ConfigDict(extra="forbid")

    username: str
    role: Role
    password: str
    unit: str | None = None
    name: str | None = None


@app.command("import")
def import_() -> None:
    """Create accounts from standard input, one JSON object per line: username, role, password, unit, name.

    Either all of them are created, or none.
    """
    from hub.accounts.commands import create_account

    lines = [_read_line(*each) for each in enumerate(filter(str.strip, sys.stdin), 1)]

    async def create_all(work: UnitOfWork) -> None:
        for line in lines:
            name = line.name or line.username
            await create_account(work, line.username, name, line.role, line.unit, line.password)

    in_transaction(create_all)
    out.print(f"{len(lines)} accounts created")


def _read_line(number: int, line: str) -> AccountLine:
    try:
        return AccountLine.model_validate_json(line)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        fail(f"line {number}: {where}: {error.errors()[0]['msg']}")
