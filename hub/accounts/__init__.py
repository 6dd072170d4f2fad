"""The people who use the hub: their roles, passwords and sessions."""

from hub.accounts.account import OPERATORS, Account, Role, Session
from hub.accounts.administration import create_account

__all__ = ["OPERATORS", "Account", "Role", "Session", "create_account"]
