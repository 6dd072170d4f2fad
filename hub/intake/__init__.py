"""The one way in for issues: whoever reports one, it becomes a case in the same way."""
