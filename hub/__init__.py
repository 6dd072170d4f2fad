"""The hub: what comes in becomes cases, and cases become commands."""

__version__ = "0.1.0"
