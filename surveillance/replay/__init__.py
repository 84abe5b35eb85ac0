"""A hospital that once was plays again: recorded data on an overlay clock, seen by the same program.

The overlay adds whole days to every time of an admission, so that admissions of all years lie beside one another; a
patient on it is an admission. Its wall clock is read as UTC.
"""

from surveillance.replay.database import Loaded, load
from surveillance.replay.instants import default_instant, overlay_range
from surveillance.replay.site_file import prepare

__all__ = ["Loaded", "default_instant", "load", "overlay_range", "prepare"]
