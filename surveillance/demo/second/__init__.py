"""The simulated hospital as another vendor would have stored it: for whoever follows the guide, and for its test."""

from __future__ import annotations

from surveillance.demo.second.hospital import for_the_guide, reshaped

__all__ = ["for_the_guide", "reshaped"]
