"""Accounts, roles and sessions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from hub.accounts.scope import WHOLE_DISTRICT, Scope


class Role(StrEnum):
    """What a person is in the centre; each has the rights that its comment names."""

    DISPATCHER = "dispatcher"
    """Works cases, sends commands, sees video."""
    SEAT_OPERATOR = "seat_operator"
    """Takes calls and reports, and works cases like a dispatcher."""
    UNIT_HANDLER = "unit_handler"
    """Sees and works the cases of the own unit, and nothing else."""
    SUPERVISOR = "supervisor"
    """An operator who also decides appeals, extensions and disputed routing."""
    ADMIN = "admin"
    """An operator who also manages accounts, catalogue and devices."""


OPERATORS = (Role.DISPATCHER, Role.SEAT_OPERATOR, Role.SUPERVISOR, Role.ADMIN)
"""The roles that see the whole district."""


def usual_scope(role: Role, unit_key: str | None) -> Scope:
    """The scope of an account for which nobody chose one: a unit handler's own unit, or the district."""
    if role is Role.UNIT_HANDLER and unit_key is not None:
        return Scope.of_unit(unit_key)
    return WHOLE_DISTRICT


def _usual_scope(known: dict[str, Any]) -> Scope:
    return usual_scope(known["role"], known["unit_key"])


class Account(BaseModel):
    model_config = ConfigDict(frozen=True)

    username: str
    name: str
    role: Role
    unit_key: str | None
    unit_name_zh: str | None
    unit_name_en: str | None
    scope: Scope = Field(default_factory=_usual_scope)

    @property
    def actor(self) -> str:
        """The account's name in the journal."""
        return f"user:{self.username}"

    @property
    def only_unit(self) -> str | None:
        """The unit of a unit handler; what an account sees is told by its `scope`."""
        return self.unit_key if self.role is Role.UNIT_HANDLER else None


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in that is still valid."""

    account: Account
    token_hash: str
    expires_at: datetime
    must_change_password: bool = False
    """Until that is done, the session is good for nothing else."""
