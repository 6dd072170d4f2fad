"""Reporters in lists: enough to tell two apart, and too little to call them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.signals.reporters import Reporter, masked_contact, masked_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张三", "张*"), ("欧阳小明", "欧***"), ("A", "A"), ("", None), (None, None)],
)
def test_of_a_name_the_first_letter_is_shown(name, shown):
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        ("13812345678", "138****5678"),
        ("+86 138-1234-5678", "861******5678"),
        ("0874-3130110", "087****0110"),
        ("12345", "*****"),
        ("somebody@example.org", "s***@example.org"),
        ("微信号", "***"),
        (None, None),
    ],
)
def test_of_a_contact_the_middle_is_hidden(contact, shown):
    assert masked_contact(contact) == shown


@given(st.from_regex(r"[0-9]{8,15}", fullmatch=True))
def test_no_number_is_shown_whole(number):
    assert number not in (masked_contact(number) or "")


def test_a_masked_reporter_is_nobody_of_the_registry():
    reporter = Reporter("张三", "13812345678", "GW-1", wants_callback=True)

    assert reporter.masked() == Reporter("张*", "138****5678", None, wants_callback=True)
