"""The addresses of databases."""

import pytest

from deploy.local.postgres import database_url


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("postgresql://postgres:@/postgres?host=/run/x", "postgresql://postgres:@/new?host=/run/x"),
        ("postgresql:///postgres?host=/run/x", "postgresql:///new?host=/run/x"),
        ("postgresql://me:word@db:5432/postgres", "postgresql://me:word@db:5432/new"),
        ("postgres://me@db", "postgres://me@db/new"),
        ("postgres://me@db?sslmode=require", "postgres://me@db/new?sslmode=require"),
    ],
)
def test_another_database_of_the_same_server(server: str, expected: str) -> None:
    assert database_url(server, "new") == expected
