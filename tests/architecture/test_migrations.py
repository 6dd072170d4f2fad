"""Migrations count up without a gap, and no two have one number."""

from pathlib import Path

MIGRATIONS = Path(__file__).parents[2] / "hub" / "db" / "migrations"


def test_migrations_are_numbered_one_after_another():
    numbers = [int(path.name[:4]) for path in sorted(MIGRATIONS.glob("*.sql"))]
    assert numbers == list(range(1, len(numbers) + 1))
