from pathlib import Path

import pytest

from hub.cases.record import CaseEntryKind

WORDS = Path(__file__).parents[4] / "console" / "src" / "i18n"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_console_has_words_for_every_entry_of_a_case(language: str) -> None:
    words = (WORDS / f"{language}.ts").read_text(encoding="utf-8")
    told_by_event = {CaseEntryKind.TRANSITION}
    assert [
        kind for kind in set(CaseEntryKind) - told_by_event if f"    {kind}: '" not in words
    ] == []
