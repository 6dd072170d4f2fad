"""The weekly study list: the cases that need a decision, with minutes and rulings."""
