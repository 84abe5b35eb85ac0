"""What dialects over ODBC have in common."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

from sqlalchemy import URL
from sqlalchemy.exc import ArgumentError


def told_port_apart(url: URL, **unless_given: str) -> URL:
    """``url`` for drivers that read ``Server=host,port`` as the name of a host; with settings that it does not make."""
    given = {name.lower() for name in url.query}
    own = dict(unless_given)
    if url.port:
        own["Port"] = str(url.port)
    return url.set(port=None).update_query_dict({name: text for name, text in own.items() if name.lower() not in given})


class ByColumns:
    """What makes a dialect over pyodbc one that reads whole columns by arrow-odbc (``connectors.dialects.arrow``)."""

    driver = "arrow_odbc"
    unsigned = False
    """Whether the database has numbers that are never negative."""

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        """The driver.

        Raises:
            ImportError: it is not there, or the driver manager that it needs.
        """
        try:
            return import_module("connectors.dialects.arrow")  # only where a source asks for it
        except OSError:  # libodbc, which the package does not bring
            raise ImportError("no libodbc", name="arrow_odbc") from None

    def create_connect_args(self, url: URL) -> Any:
        """The connection string, and what this driver is told besides."""
        arguments, options = super().create_connect_args(url)  # type: ignore[misc]  # of the dialect beside it
        if options.keys() - {"autocommit"}:
            raise ArgumentError("settings of pyodbc")
        return arguments, {**options, "unsigned": self.unsigned}
