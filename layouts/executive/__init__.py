"""The executive wall: every ward at once, what needs help now, and whether things improve."""
