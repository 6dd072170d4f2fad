"""Letters to units 两函一单: numbered, sent, signed for, answered; recalled with a reason, never deleted."""
