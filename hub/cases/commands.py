"""The use cases of the slice. Each works in the caller's transaction."""

from hub.cases.filing import NewCase, file_case, route_case
from hub.cases.moving import (
    flag_late_dispatch,
    flag_overdue,
    flag_overdue_studies,
    note,
    resume_suspended,
    sign_unanswered,
    transition,
)
from hub.cases.workdays import edit_days, moved_by

__all__ = [
    "NewCase",
    "edit_days",
    "file_case",
    "flag_late_dispatch",
    "flag_overdue",
    "flag_overdue_studies",
    "moved_by",
    "note",
    "resume_suspended",
    "route_case",
    "sign_unanswered",
    "transition",
]
