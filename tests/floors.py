"""The picture of the parts and of the hub's floors in docs/architecture.md, from the contracts of imports.

`script/floors` writes it; tests/architecture/test_floors.py fails if it is out of date.
"""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- floors: generated -->\n", "<!-- floors: end -->\n"

Contract = Mapping[str, Any]


def written(page: str, pyproject: str) -> str:
    """The page with the block between the two comments as the contracts say."""
    config = tomllib.loads(pyproject)["tool"]["importlinter"]
    lines = [
        *_parts(config["root_packages"], config["contracts"]),
        "",
        *_floors(config["contracts"]),
    ]
    block = "".join(f"{line}\n" for line in ["", *lines, ""])
    place = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    assert place.search(page), f"docs/architecture.md needs the lines {BEGIN!r} and {END!r}"
    return place.sub(lambda _: f"{BEGIN}{block}{END}", page)


def present() -> str:
    """What docs/architecture.md has to be."""
    return written(PAGE.read_text("utf-8"), (ROOT / "pyproject.toml").read_text("utf-8"))


def _parts(packages: list[str], contracts: list[Contract]) -> Iterator[str]:
    """An arrow from each package to those that no contract keeps it from importing."""
    yield "```mermaid"
    yield "flowchart TD"
    for package in packages:
        for other in packages:
            if package == other:
                continue
            if way := _way(package, other, contracts):
                yield f"    {package} {way} {other}"
    yield "```"


def _way(package: str, other: str, contracts: list[Contract]) -> str | None:
    """The arrow, with the name of the subpackage if only that may import; None if nothing may."""
    importers: list[str] | None = None
    for contract in contracts:
        kind = contract["type"]
        if kind == "forbidden":
            sources, targets = contract["source_modules"], contract["forbidden_modules"]
            if package in sources and other in targets:
                return None
        elif kind == "independence" and {package, other} <= set(contract["modules"]):
            return None
        elif kind == "protected" and other in contract["protected_modules"]:
            importers = contract["allowed_importers"]
    if importers is None or package in importers:
        return "-->"
    within = [name for name in importers if name.startswith(f"{package}.")]
    return f"-- {', '.join(within)} -->" if within else None


def _floors(contracts: list[Contract]) -> Iterator[str]:
    (contract,) = (each for each in contracts if each["id"] == "floors")
    (container,) = contract["containers"]
    yield f"| floor | in `{container}/` |"
    yield "|---|---|"
    layers = contract["layers"]
    for number, layer in zip(range(len(layers), 0, -1), layers, strict=True):
        names = [name.strip(" ()") for name in re.split(r"[|:]", layer)]
        said = [_says(path) for name in names if (path := _module(ROOT / container / name))]
        yield f"| {number} | {'<br>'.join(said)} |"


def _module(path: Path) -> Path | None:
    """The file of a module or package; None if there is none, as a layer in brackets may lack it."""
    files = (path / "__init__.py", path.with_suffix(".py"))
    return next((file for file in files if file.exists()), None)


def _says(path: Path) -> str:
    """A module's name with the first line of its docstring."""
    text = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert text, f"{path} has no docstring to show"
    name = f"{path.parent.name}/" if path.name == "__init__.py" else path.name
    return f"`{name}` {text.splitlines()[0]}"


if __name__ == "__main__":
    PAGE.write_text(present(), "utf-8")
