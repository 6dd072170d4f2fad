"""Entity tags of WHIP and WHEP resources (RFC 9110, 8.8.3 and 13.1.1). Pure."""

import re

_TAG = re.compile(r'(W/)?("[^"]*")')


def matches(condition: str, etag: str) -> bool:
    """Whether an If-Match is met by this tag.

    `*` is met by every tag, and so is `"*"`, which RFC 9725 writes for a restart. A weak tag never is.
    """
    if condition.strip() in {"*", '"*"'}:
        return True
    return any(tag == etag for weak, tag in _TAG.findall(condition) if not weak)
