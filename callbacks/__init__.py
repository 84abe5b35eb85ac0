"""The glue between pages and the newest snapshot."""
