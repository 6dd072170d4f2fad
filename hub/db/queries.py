"""SQL is kept in `queries.sql` beside the code that uses it, in sections headed `-- name: the_name`."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

Queries: TypeAlias = Mapping[str, bytes]

_HEADER = re.compile(r"^--\s*name:\s*(\w+)\s*$", re.MULTILINE)


def load_queries(module_file: str) -> Queries:
    """The sections of `queries.sql` beside `module_file`, by name."""
    path = Path(module_file).with_name("queries.sql")
    parts = _HEADER.split(path.read_text(encoding="utf-8"))[1:]
    names = parts[::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{path.parent.name}/queries.sql uses a name twice")
    return {name: text.strip().encode() for name, text in zip(names, parts[1::2], strict=True)}
