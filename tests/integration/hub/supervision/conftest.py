"""The street of the tests of cases, with people of the unit that leads there."""

import pytest

from hub.accounts.account import Account, Role
from tests.integration.hub.cases.conftest import street

__all__ = ["street"]


def account_of(role: Role, unit_key: str | None = None, name: str | None = None) -> Account:
    return Account(
        username=name or str(role).replace("_", "-"),
        name="",
        role=role,
        unit_key=unit_key,
        unit_name_zh=None,
        unit_name_en=None,
    )


SUPERVISOR = account_of(Role.SUPERVISOR)
HANDLER = account_of(Role.UNIT_HANDLER, "housing_bureau")
STRANGER = account_of(Role.UNIT_HANDLER, "power_supply", "stranger")


@pytest.fixture
def supervisor() -> Account:
    return SUPERVISOR
