"""The few numbers that a centre looks at all day."""
