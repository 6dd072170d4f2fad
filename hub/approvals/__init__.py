"""Approvals 审批: what units and operators ask for, and the inbox of those who decide."""
