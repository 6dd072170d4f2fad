"""The hub: what comes in becomes cases, and cases become commands."""
