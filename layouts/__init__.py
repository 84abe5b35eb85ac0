"""Pure functions that draw a snapshot as pages."""
