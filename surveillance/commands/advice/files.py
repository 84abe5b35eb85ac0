"""Where a person changes what a source is asked: the files and tables of one source."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from surveillance.opening import Opened
from surveillance.polling.reader import SourceReader
from surveillance.settings import Source


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one source, named as seen from the folder of the site's file.

    ``site``: the site's file. ``pack``: the manifest of the site's own pack; None without one, or with one that comes
    with the program, which nobody changes.
    """

    source: str
    site: str
    folder: Path
    pack: str | None

    @classmethod
    def of(cls, opened: Opened, reader: SourceReader) -> Files:
        """Those of a reader's source."""
        named = opened.settings.sources[reader.name].pack or ""
        pack = str(Path(named) / "pack.toml") if "/" in named else None
        return cls(reader.name, opened.config.name, opened.config.parent.resolve(), pack)

    def shown(self, path: Path | None) -> str:
        """A path from the site's folder on, if it lies there."""
        if path is None:
            return "the source"
        whole = path.resolve()
        return str(whole.relative_to(self.folder) if whole.is_relative_to(self.folder) else path)

    def table(self, rest: str) -> str:
        """The TOML table of the source called ``rest`` (``feeds.spell.mapping.sex``), and the file it stands in."""
        if self.pack:
            return f"{self.pack}, [{rest}]"
        return f"{self.site}, [sources.{self.source}.{rest}]"

    def times(self, given: Source) -> str:
        """Where the source's times are configured."""
        if given.times is None and self.pack:
            return f"{self.pack}, [times]"
        return f"{self.site}, times of [sources.{self.source}]"
