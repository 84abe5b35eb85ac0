"""A simulated hospital: four databases in four vendors' styles, written to continuously, with faults by name."""

from __future__ import annotations

from sqlalchemy.dialects import registry

registry.register("sqlite.demo", "surveillance.demo.dialect", "ReadOnlyWithFaults")
