import secrets

import pytest

from hub.accounts.guessable import is_guessable


@pytest.mark.parametrize(
    "password",
    [
        "123456789012",
        "210987654321",
        "000000000000",
        "abcabcabcabc",
        "passwordpassword1",
        "P@ssw0rd1234",
        "Zhanyi2025!!",
        "qwertyuiop123",
        "1qaz2wsx3edc",
        "19900101woaini",
        "a1b2c3d4e5f6",
        "admin@123456",
        "seat-07-seat-07",
        "沾益指挥密码2026",
        "Huawei@123456",
    ],
)
def test_what_is_tried_first_is_guessable(password: str) -> None:
    assert is_guessable(password, "seat-07", "座席员")


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "tree-moon-Fork9", "kJ8#mQ2!vX5z", "梅花山下有三只白鹅过河"],
)
def test_what_nobody_guesses_is_not(password: str) -> None:
    assert not is_guessable(password, "seat-07", "座席员")


def test_what_a_password_manager_makes_is_not() -> None:
    made = [secrets.token_urlsafe(12) for _ in range(500)]
    assert [each for each in made if is_guessable(each)] == []
