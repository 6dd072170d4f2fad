"""The table of routes in docs/security.md, from `routes.yaml`: `python -m hub.web.route_table`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict

from hub.accounts.role import Role

TABLE = Path(__file__).with_name("routes.yaml")
PAGE = Path(__file__).parents[2] / "docs" / "security.md"
BEGIN, END = "<!-- routes: generated -->", "<!-- routes: end -->"


class Outside(StrEnum):
    """What an account gets of what its scope does not contain."""

    HIDDEN = "hidden"
    LEFT_OUT = "left out"
    REFUSED = "refused"
    NOTHING = "-"


class RouteRow(BaseModel):
    """A row of the file. `roles` names one or several groups; `everybody` and `token` are no roles."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    route: str
    roles: str
    outside: Outside
    audit: str | None = None
    """The kind of read that is recorded before the answer."""
    test: str | None = None
    """The file that tries the scope; None is tests/integration/api/test_scopes.py."""
    ask: Annotated[dict[str, str], BeforeValidator(lambda d: {k: str(d[k]) for k in d})] = {}

    @property
    def method(self) -> str:
        return self.route.split(" ", 1)[0]

    @property
    def path(self) -> str:
        return self.route.split(" ", 1)[1]


@dataclass(frozen=True, slots=True)
class RouteTable:
    """Groups of roles by name, and the rows."""

    who: dict[str, tuple[Role, ...]]
    rows: tuple[RouteRow, ...] = field(default=())

    def admitted(self, row: RouteRow) -> frozenset[Role | None]:
        """The roles that a route admits; None is nobody in particular, without a log-in."""
        if row.roles == "everybody":
            return frozenset({None, *Role})
        if row.roles == "token":
            return frozenset()
        return frozenset(role for name in row.roles.split(" or ") for role in self.who[name])


@cache
def route_table() -> RouteTable:
    """The file. Raises KeyError, ValueError or pydantic's ValidationError if it isn't in its form."""
    read: dict[str, Any] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    who = {name: tuple(Role(role) for role in roles) for name, roles in read["who"].items()}
    return RouteTable(who, tuple(RouteRow.model_validate(row) for row in read["routes"]))


def page(text: str) -> str:
    """The page with the table written anew."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return "\n".join([f"{before}{BEGIN}", "", *_lines(route_table()), "", f"{END}{after}"])


def _lines(table: RouteTable) -> Iterator[str]:
    yield (
        "| route | "
        + " | ".join(role.replace("_", " ") for role in Role)
        + " | outside | audited as |"
    )
    yield "|---|" + "---|" * (len(Role) + 2)
    for row in table.rows:
        admitted = table.admitted(row)
        if None in admitted:
            marks = ["everybody"] + [""] * (len(Role) - 1)
        elif not admitted:
            marks = ["own token"] + [""] * (len(Role) - 1)
        else:
            marks = ["x" if role in admitted else "" for role in Role]
        yield f"| `{row.route}` | " + " | ".join(marks) + f" | {row.outside} | {row.audit or ''} |"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
