"""The few numbers that a centre watches all day."""
