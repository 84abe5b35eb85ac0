"""Every error that the program raises on purpose stands in this one tree."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class SurveillanceError(Exception):
    """The root of all errors that are meant to be read by a person."""


class ConfigurationError(SurveillanceError):
    """A site's configuration is wrong; the program does not start."""


class StoreError(SurveillanceError):
    """The store cannot be read or written (locked, full, damaged, out of reach); what it had acknowledged is kept."""


class ProviderUnavailable(SurveillanceError):
    """The identity provider cannot be reached, or answers what no provider would; nobody is let in by it meanwhile."""


class ProviderRefused(SurveillanceError):
    """The identity provider did not vouch for somebody, or is not to be believed; never holds a token or a code."""


class MessageRefused(SurveillanceError):
    """An ADT message can never be right, however often it is sent; names a segment and field, never their content.

    ``code``: of HL7's table 0357. ``where``: as ``PV1-19``.
    """

    def __init__(self, code: int, where: str, words: str) -> None:
        super().__init__(f"{where}: {words}")
        self.code = code
        self.where = where


class CaseFileError(SurveillanceError):
    """A file of worked cases cannot be read as one."""


class SourceError(SurveillanceError):
    """A source did not give a feed; the feed is unavailable, never empty."""


class SourceUnavailable(SourceError):
    """The source cannot be reached, failed, or ran past its deadline."""


class SourceRefused(SourceError):
    """The source refused the credentials: polling stops until a person looks."""


class SourceChanged(SourceError):
    """The source answered in another shape than its query promises (a column is missing)."""


def nearest(word: str, known: Iterable[str]) -> str:
    """A phrase that offers the closest known word, or lists a few of them."""
    names = sorted(set(known))
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    if close:
        return f"did you mean '{close[0]}'?"
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"known: {shown}" if names else "nothing is allowed here"
