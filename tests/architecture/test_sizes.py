"""Functions and files that can be read in one go. The exceptions are named; they may only become fewer."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("wire", "hub", "edge", "models", "scenes", "firmware_sim", "deploy", "bench")
MOST_LINES_OF_A_FUNCTION = 40
MOST_LINES_OF_A_FILE = 400

LONG_FUNCTIONS = {
    "hub/cases/transitions.py: _rows": "the table of transitions",
    "bench/dispatch/command.py: dispatch": "the options of a command",
    "wire/conform/command.py: conform": "the options of a command",
    "bench/edge/report.py: run": "the columns of a report",
}
LONG_FILES = {
    "console/src/api/schema.ts": "generated",
    "console/src/i18n/en.ts": "the words of the console",
    "console/src/i18n/zh-CN.ts": "the words of the console",
    "tests/integration/hub/cases/test_cases.py": "use cases of cases, one by one",
    "tests/integration/hub/cases/test_signals.py": "ways from a signal to a case, one by one",
    "tests/unit/hub/cases/test_transitions.py": "the table of transitions, row by row",
}

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def long_functions(source: str) -> Iterator[str]:
    """The names of the functions with more lines than are allowed, decorators aside."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, _FUNCTIONS):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MOST_LINES_OF_A_FUNCTION:
                yield node.name


def found_functions() -> set[str]:
    return {
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for part in PARTS
        for path in (ROOT / part).rglob("*.py")
        for name in long_functions(path.read_text("utf-8"))
    }


def found_files() -> set[str]:
    folders = [ROOT / name for name in (*PARTS, "tests", "console/src", "console/test")]
    return {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in {".py", ".sql", ".ts", ".vue", ".css"}
        and len(path.read_text("utf-8").splitlines()) > MOST_LINES_OF_A_FILE
    }


def test_no_function_is_too_long():
    assert found_functions() - LONG_FUNCTIONS.keys() == set()


def test_no_file_is_too_long():
    assert found_files() - LONG_FILES.keys() == set()


def test_every_exception_is_still_needed():
    assert LONG_FUNCTIONS.keys() - found_functions() == set()
    assert LONG_FILES.keys() - found_files() == set()


def test_the_lines_of_a_function_are_counted():
    body = "    pass\n" * (MOST_LINES_OF_A_FUNCTION - 1)
    assert list(long_functions(f"def f():\n{body}")) == []
    assert list(long_functions(f"@d\nasync def f():\n{body}    pass\n")) == ["f"]
