"""A person as far as the desk shows them: whatever holds these may be passed, so that layouts need no worklist."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Somebody(Protocol):
    """Somebody whom a row names; empty text and None where something is not known."""

    @property
    def patient_key(self) -> str: ...  # noqa: D102
    @property
    def bed(self) -> str: ...  # noqa: D102
    @property
    def shown(self) -> str: ...  # noqa: D102
    @property
    def hospital_number(self) -> str: ...  # noqa: D102
    @property
    def news2(self) -> int | None: ...  # noqa: D102
    @property
    def news2_at(self) -> datetime | None: ...  # noqa: D102
