"""The audit: who looked at which personal or sensitive data, when, and from where."""

from hub.audit.read import AuditedRead, ReadKind

__all__ = ["AuditedRead", "ReadKind"]
