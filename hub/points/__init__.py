"""Points of grid workers 按件计酬: a ledger that follows from the journal, its rules and periods."""
