"""Accounts and their sessions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, computed_field

from hub.accounts.role import OPERATORS, Right, Role, rights_of
from hub.accounts.scope import WHOLE_DISTRICT, Scope

__all__ = ["OPERATORS", "Account", "Right", "Role", "Session", "usual_scope"]


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

    @computed_field  # type: ignore[prop-decorator]
    @property
    def rights(self) -> tuple[Right, ...]:
        """What the account's role may do, so that a console shows that and nothing else."""
        return tuple(right for right in Right if self.may(right))

    @property
    def actor(self) -> str:
        """The account's name in the journal."""
        return f"user:{self.username}"

    def may(self, right: Right) -> bool:
        return right in rights_of(self.role)


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in that is still valid."""

    account: Account
    token_hash: str
    expires_at: datetime
    must_change_password: bool = False
    """Until that is done, the session is good for nothing else."""
