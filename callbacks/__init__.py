"""Glue of a few lines each between the hub and the layouts: a request looks at the hub, and never at a source."""
