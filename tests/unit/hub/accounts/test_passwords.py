from hub.accounts.passwords import hash_password, verify_password


async def test_a_password_is_known_by_its_hash_alone() -> None:
    hashed = await hash_password("correct horse battery")
    assert hashed.startswith("$argon2id$")
    assert "horse" not in hashed
    assert await verify_password(hashed, "correct horse battery")
    assert not await verify_password(hashed, "correct horse batter")


async def test_nobody_has_no_password() -> None:
    assert not await verify_password(None, "no account has this password")


async def test_a_hash_that_is_none_opens_nothing() -> None:
    assert not await verify_password("no password", "no password")
