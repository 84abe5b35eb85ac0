"""How the program sees the simulated databases: read-only, and with the fault that is switched on (``sqlite+demo://``)."""

from __future__ import annotations

import re
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL

from surveillance.demo import faults

REFUSED = "authentication failed for user 'ward_display'"
"""What a refused password looks like; a connector knows it by "authentication failed"."""
LOST = "could not connect to server: connection refused"
_SELECT = re.compile(r"\s*(--[^\n]*\n\s*)*(select|with)\b", re.IGNORECASE)


class ReadOnlyWithFaults(SQLiteDialect_pysqlite):
    """SQLite opened read-only; looks for a fault when it connects and before every statement."""

    driver = "demo"
    supports_statement_cache = True
    _path: Path | None = None

    def create_connect_args(self, url: URL) -> Any:
        """The file that the URL names, opened so that nothing can be written."""
        self._path = Path(url.database or "").absolute()
        return [f"file:{quote(str(self._path))}?mode=ro"], {"uri": True, "timeout": 10, "check_same_thread": False}

    def connect(self, *cargs: Any, **cparams: Any) -> Any:
        """A connection, unless the source is stopped or refuses the password."""
        self._refuse_or_lose()
        return super().connect(*cargs, **cparams)

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:  # noqa: ARG002
        """Run a statement as the faulty source would."""
        cursor.execute(self._faulty(statement), parameters)

    def do_execute_no_params(self, cursor: Any, statement: str, context: Any = None) -> None:  # noqa: ARG002
        """Run a statement as the faulty source would."""
        cursor.execute(self._faulty(statement))

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        """A stopped source has lost its connections."""
        return LOST in str(e) or super().is_disconnect(e, connection, cursor)

    def _refuse_or_lose(self) -> dict[str, Any]:
        if self._path is None:
            return {}
        found = faults.read(self._path.parent).get(self._path.stem, {})
        if found.get("fault") == "stop":
            raise sqlite3.OperationalError(LOST)
        if found.get("fault") == "refuse":
            raise sqlite3.OperationalError(REFUSED)
        return found

    def _faulty(self, statement: str) -> str:
        found = self._refuse_or_lose()
        match found.get("fault"):
            case "slow":
                time.sleep(float(found["seconds"]))
            case "empty" if _SELECT.match(statement):
                return f"SELECT * FROM (\n{statement}\n) WHERE 1 = 0"
            case "column" if self._path is not None:
                gone = faults.RENAMED[self._path.stem]
                return re.sub(rf"\b{gone}\b", f"{gone}_V2", statement)
        return statement
