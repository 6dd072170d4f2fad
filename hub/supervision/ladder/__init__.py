"""The overdue ladder: versioned steps that press on a case, each at its time and once."""
