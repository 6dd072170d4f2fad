"""Indicators: counts and rates of a period, kept up from the journal, published and scored."""
