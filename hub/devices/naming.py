"""What people call a terminal: its holder, if it has one, with its id. Pure."""


def called_zh(device_id: str, holder: str | None) -> str:
    """For example `网格员 0012（T-0012）`."""
    return f"{holder}（{device_id}）" if holder else device_id


def called_en(device_id: str, holder: str | None) -> str:
    """For example `Grid worker 0012 (T-0012)`."""
    return f"{holder} ({device_id})" if holder else device_id
