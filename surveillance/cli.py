"""The command line: every command is declared here, and done in ``surveillance.commands``.

Exit codes: 0 all is well, 1 the command ran and found something wrong, 2 it could not run (the message says why).
"""

from __future__ import annotations

import argparse
import gc
import importlib
import logging
import os
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import get_args

from surveillance import __version__
from surveillance.errors import SurveillanceError
from surveillance.settings.access import RoleName

COULD_NOT_RUN = 2
ROLES = get_args(RoleName)
PORT = 8050
DEMO_FOLDER = Path("build/demo")
REPLAY_FOLDER = Path("build/replay")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    asked = parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        command = _loaded(f"surveillance.commands.{asked.module}")
        code: int = command.run(asked)
        sys.stdout.flush()
    except SurveillanceError as error:
        print(f"surveillance: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read our output has gone: nothing is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _loaded(module: str) -> ModuleType:
    """``module`` with all that it needs. Looking for garbage in what is kept would take a seventh of the start."""
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        gc.enable()


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    top = argparse.ArgumentParser(prog="surveillance", description="A truthful ward safety display.")
    top.add_argument("--version", action="version", version=f"surveillance {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    demo = _command(commands, "demo", "serve a simulated hospital, made in a folder or continued there")
    _port(demo)
    demo.add_argument("--seed", type=int, default=1, help="another seed is another hospital (default 1)")
    demo.add_argument("--speed", type=_positive, default=1.0, help="how fast its time runs (default 1)")
    demo.add_argument("--start", type=moment, help="its time at the start, ISO 8601 (default now)")
    demo.add_argument("--folder", type=Path, default=DEMO_FOLDER, help=f"where it stands (default {DEMO_FOLDER})")
    demo.add_argument("--make-only", action="store_true", help="make it with its year of past, and serve nothing")
    demo.add_argument(
        "--fault", action="append", default=[], metavar="SOURCE=NAME", help="start with a fault switched on"
    )
    within = demo.add_subparsers(dest="demo_command", metavar="fault|second-epr")
    fault = _command(within, "fault", "switch a fault of the simulated hospital on or off while it runs", "demo")
    fault.add_argument("source")
    fault.add_argument("name", help="the fault, or none")
    # Without SUPPRESS the inner default would put aside what stands before the inner command.
    fault.add_argument("--folder", type=Path, default=argparse.SUPPRESS)
    second = _command(within, "second-epr", "write the databases of another vendor that the guide connects", "demo")
    second.add_argument("into", type=Path, metavar="FOLDER")
    second.add_argument("--of", type=Path, metavar="DEMO", help="made of this demo (default: the guide's own)")

    run = _command(commands, "run", "poll a hospital's sources and serve its wards")
    _config(run)
    _port(run)
    run.add_argument("--host", help="the address to listen on (default: the configuration's)")

    check = _command(commands, "check", "connect to every source and read every feed once")
    _config(check)

    snapshot = _command(commands, "snapshot", "read every source once and print the snapshot as JSON")
    _config(snapshot)
    snapshot.add_argument("--ward", metavar="CODE", help="only this ward")
    _as_at(snapshot)

    feeds = _command(commands, "feeds", "list the canonical tables, or export what the display saw")
    which = feeds.add_subparsers(dest="feeds_command", metavar="export|accept")
    export = _command(which, "export", "write the validated feeds as CSV files; they hold patient data", "feeds")
    _config(export)
    _as_at(export)
    export.add_argument("directory", type=Path, metavar="DIR")
    accept = _command(which, "accept", "believe a feed that has really become so small, after a restart", "feeds")
    _config(accept)
    accept.add_argument("feed", metavar="FEED")

    packs = _command(commands, "packs", "list the packs of queries that come with the program, or copy one")
    of_packs = packs.add_subparsers(dest="packs_command", required=True, metavar="list|copy")
    _command(of_packs, "list", "list the packs, and the feeds of each", "packs")
    own = _command(of_packs, "copy", "copy a pack into a new folder, to make one's own of it", "packs")
    own.add_argument("pack", metavar="PACK")
    own.add_argument("folder", type=Path, metavar="FOLDER")

    screens = _command(commands, "screens", "tell named screens to load anew, or to show their name")
    told = screens.add_subparsers(dest="screens_command", required=True, metavar="reload|identify")
    for action, words in (("reload", "load the page anew"), ("identify", "show the screen's name large for 20 s")):
        order = _command(told, action, words, "screens")
        order.add_argument("name", metavar="NAME|all")
        _config(order)

    devices = _command(commands, "devices", "list the paired screens, accept one by its code, or revoke them")
    paired = devices.add_subparsers(dest="devices_command", required=True, metavar="list|accept|revoke|revoke-all")
    _config(_command(paired, "list", "list the screens that are paired, and those that wait", "devices"))
    accepted = _command(paired, "accept", "pair the screen that shows a code", "devices")
    accepted.add_argument("code", metavar="CODE")
    _config(accepted)
    revoked = _command(paired, "revoke", "end a pairing: its screen shows a new code", "devices")
    revoked.add_argument("number", type=_whole, metavar="NUMBER")
    _config(revoked)
    _config(_command(paired, "revoke-all", "end every pairing", "devices"))

    accounts = _command(commands, "accounts", "list, add and remove people who sign in with a password kept here")
    of_people = accounts.add_subparsers(dest="accounts_command", required=True, metavar="list|add|remove")
    _config(_command(of_people, "list", "list the accounts", "accounts"))
    added = _command(of_people, "add", "make an account, or give one another password and roles", "accounts")
    added.add_argument("name", metavar="NAME")
    _config(added)
    added.add_argument("--role", action="append", required=True, choices=ROLES, help="may be given more than once")
    added.add_argument("--ward", action="append", default=[], metavar="CODE", help="only this ward; repeatable")
    added.add_argument("--division", action="append", default=[], metavar="CODE", help="only this division; repeatable")
    added.add_argument("--name", dest="shown", metavar="SHOWN", help="how they are called on screen (default NAME)")
    added.add_argument("--password-file", type=Path, metavar="FILE", help="default: asked for")
    removed = _command(of_people, "remove", "remove an account, and sign it out everywhere", "accounts")
    removed.add_argument("name", metavar="NAME")
    _config(removed)

    audit = _command(commands, "audit", "check, search or export the record of who saw what")
    of_record = audit.add_subparsers(dest="audit_command", required=True, metavar="verify|search|export")
    whole = _command(
        of_record, "verify", "follow the chain of the record and name every place where it breaks", "audit"
    )
    _config(whole)
    whole.add_argument(
        "--anchor",
        type=_anchor,
        action="append",
        default=[],
        metavar="NUMBER:HASH",
        help="what an earlier check printed as last, kept elsewhere; repeatable",
    )
    searched = _command(of_record, "search", "print the entries that match, the newest first", "audit")
    _config(searched)
    searched.add_argument("--who", metavar="NAME", help="part of the name of whoever did it")
    searched.add_argument("--ward", metavar="CODE")
    searched.add_argument("--patient", metavar="KEY", help="entries in which this patient was shown")
    searched.add_argument("--event", metavar="EVENT", help="view, sign-in, refused, change, export and others")
    searched.add_argument("--measure", metavar="ID")
    _since_until(searched)
    searched.add_argument("--limit", type=_number, default=100, metavar="N", help="at most so many (default 100)")
    written = _command(of_record, "export", "write the entries of a time into a file", "audit")
    _config(written)
    _since_until(written)
    written.add_argument("--format", choices=("csv", "jsonl"), default="jsonl")
    written.add_argument("file", type=Path, metavar="FILE")

    replay = _command(commands, "replay", "play a recorded hospital again (CSV files of the MIMIC-IV demo)")
    replay.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with the CSV files")
    _as_at(replay)
    replay.add_argument("--speed", type=_positive, default=1.0, help="how fast its time runs (default 1)")
    replay.add_argument(
        "--folder", type=Path, default=REPLAY_FOLDER, help=f"a folder to work in (default {REPLAY_FOLDER})"
    )
    replay.add_argument("--once", action="store_true", help="print the snapshot of that instant and end")
    replay.add_argument("--format", choices=("json",), default="json")
    _port(replay)

    verify = _command(commands, "verify", "run a file of worked cases against this program")
    verify.add_argument("file", type=Path, metavar="FILE")

    measures = _command(commands, "measures", "print the catalogue of measures")
    measures.add_argument("--format", choices=("text", "json"), default="text")
    return top


def moment(written: str) -> datetime:
    """A time from the command line; without an offset it is UTC."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{written}' is no time like 2026-11-23T14:00:00Z") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, words: str, module: str = ""
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=words, description=f"{words[:1].upper()}{words[1:]}.")
    made.set_defaults(module=module or name)
    return made


def _config(command: argparse.ArgumentParser) -> None:
    command.add_argument("--config", type=Path, required=True, metavar="FILE", help="the site's TOML file")


def _as_at(command: argparse.ArgumentParser) -> None:
    command.add_argument("--as-at", type=moment, metavar="ISO", help="another time than now; UTC if without an offset")


def _since_until(command: argparse.ArgumentParser) -> None:
    command.add_argument("--since", type=moment, metavar="ISO", help="the first moment; UTC if without an offset")
    command.add_argument("--until", type=moment, metavar="ISO", help="the first moment no more")


def _anchor(written: str) -> tuple[int, str]:
    number, _, kept = written.strip().partition(":")
    if not re.fullmatch(r"[0-9]{1,18}", number) or not re.fullmatch(r"[0-9a-f]{64}", kept):
        raise argparse.ArgumentTypeError(f"'{written}' is no anchor: a number, a colon and 64 digits from 0 to f")
    return int(number), kept


def _number(written: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,5}", written):
        raise argparse.ArgumentTypeError(f"'{written}' is no number from 1 to 999999")
    return int(written)


def _port(command: argparse.ArgumentParser) -> None:
    command.add_argument("--port", type=_port_number, help=f"(default {PORT}, or the configuration's)")


def _port_number(written: str) -> int:
    if not written.isdigit() or not 1 <= int(written) <= 65535:
        raise argparse.ArgumentTypeError(f"'{written}' is no port from 1 to 65535")
    return int(written)


def _whole(written: str) -> int:
    if not (written.isascii() and written.isdecimal()) or len(written) > 9:
        raise argparse.ArgumentTypeError(f"'{written}' is no number of a device")
    return int(written)


def _positive(written: str) -> float:
    try:
        number = float(written)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"'{written}' is no number above 0")
    return number
