"""SQL is kept in `queries.sql` beside the code that uses it, in sections headed `-- name: the_name`.

A line `-- include: another_name` stands for the text of another section.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

Queries: TypeAlias = Mapping[str, bytes]

_HEADER = re.compile(r"^--\s*name:\s*(\w+)\s*$", re.MULTILINE)
_INCLUDE = re.compile(r"^ *-- include: (\w+)$", re.MULTILINE)


def load_queries(module_file: str) -> Queries:
    """The sections of `queries.sql` beside `module_file`, by name."""
    path = Path(module_file).with_name("queries.sql")
    parts = _HEADER.split(path.read_text(encoding="utf-8"))[1:]
    names = parts[::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{path.parent.name}/queries.sql uses a name twice")
    sections = dict(zip(names, map(str.strip, parts[1::2]), strict=True))
    try:
        return {name: _complete(text, sections).encode() for name, text in sections.items()}
    except KeyError as error:
        raise ValueError(
            f"{path.parent.name}/queries.sql includes {error.args[0]}, which is not there"
        ) from error


def _complete(text: str, sections: Mapping[str, str]) -> str:
    return _INCLUDE.sub(lambda found: _complete(sections[found[1]], sections), text)
