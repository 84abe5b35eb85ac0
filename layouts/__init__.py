"""Pure functions from a snapshot to Dash components: no clock, no store, no source, and no measure named."""
