"""``surveillance packs``: what the packs that come with the program can tell, and a copy of one to make one's own."""

from __future__ import annotations

import argparse
import re
import shutil
from pathlib import Path

from connectors.packs import MANIFEST, PACKS, load_pack, pack_names
from surveillance.errors import ConfigurationError, nearest

SHARED = ("*.sql", MANIFEST, "*.csv")
"""What a pack is made of."""
NAME = re.compile(r'^name = ".*"$', re.MULTILINE)


def run(asked: argparse.Namespace) -> int:
    """List them, or copy one."""
    if asked.packs_command == "copy":
        for line in copied(asked.pack, asked.folder):
            print(line)
        return 0
    width = max(len(name) for name in pack_names())
    for name in pack_names():
        pack = load_pack(name)
        print(f"{name.ljust(width)}  {pack.title}")
        print(f"{' ' * width}  {len(pack.feeds)} feeds: {', '.join(pack.feeds)}")
    return 0


def copied(name: str, folder: Path) -> list[str]:
    """Copy the pack ``name`` into the new ``folder``, called as the folder is; what to do next, line by line.

    Raises:
        ConfigurationError: there is no such pack, the folder is there already, or it cannot be written.
    """
    if name not in pack_names():
        raise ConfigurationError(f"unknown pack '{name}'; {nearest(name, pack_names())}")
    target = folder.resolve()
    if target.exists():
        raise ConfigurationError(f"{folder}: is there already; name a folder that is not")
    if not re.fullmatch(r"[\w-]+", target.name):
        raise ConfigurationError(f"{folder}: the pack is called as its folder is: letters, digits, '-' and '_'")
    try:
        target.mkdir(parents=True)
        for pattern in SHARED:
            for file in sorted((PACKS / name).glob(pattern)):
                shutil.copyfile(file, target / file.name)
        manifest = target / MANIFEST
        text = NAME.sub(f'name = "{target.name}"', manifest.read_text(encoding="utf-8"), count=1)
        manifest.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{folder}: cannot be written ({type(error).__name__})") from None
    load_pack(f"./{target.name}", target.parent)
    return [
        f"{name} is copied to {folder}",
        "take the feeds that you do not connect out of its pack.toml, and adapt the queries of the others",
        f'name it in your file by a path that starts there: pack = "./{target.name}"',
    ]
