"""Supervision 督办: reminders and letters for overdue cases, lists, the daily digest, and the dashboard."""
