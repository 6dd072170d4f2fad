"""Days played through the hub's own use cases, with a clock of their own, to show and to practise."""
