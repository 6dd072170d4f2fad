"""The one way in for issues: whatever tells of one, it becomes a case in the same way."""
