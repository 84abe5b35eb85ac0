"""Charts over time: as light SVG made on the server, and as the pages that people read at a desk."""
