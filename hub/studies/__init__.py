"""Joint studies: units that are invited answer, a ruling decides, and the catalogue learns from it."""
