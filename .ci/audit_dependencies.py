"""Looks every locked library up in the public list of known vulnerabilities; one that stands there fails the build.

Where the list cannot be reached (a closed network) nothing is known of any library: that is said, and is no failure.
"""

import json
import subprocess
import sys
from typing import Any

LOCKS = ("requirements-dev.lock", "requirements-sources.lock")
"""Each holds every library of requirements.lock as well, in the same version (see ``make lock``)."""


def audited(locks: tuple[str, ...]) -> dict[str, list[dict[str, Any]]]:
    """What pip-audit says of lock files: ``known`` with what is known of them, ``unknown`` that it did not find."""
    asked = ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"]
    asked += [word for lock in locks for word in ("-r", lock)]
    answer = subprocess.run([sys.executable, "-m", "pip_audit", *asked], capture_output=True, text=True, check=False)
    try:
        libraries = json.loads(answer.stdout)["dependencies"]
    except (ValueError, KeyError):
        lines = answer.stderr.strip().splitlines() or ["no answer"]
        return {"known": [], "unknown": [{"name": " ".join(locks), "skip_reason": lines[-1]}]}
    return {
        "known": [one for one in libraries if "vulns" in one],
        "unknown": [one for one in libraries if "vulns" not in one],
    }


def main() -> int:
    """Say what was found; 1 if a library is known to be vulnerable."""
    found, answer, named = 0, audited(LOCKS), " and ".join(LOCKS)
    for library in answer["known"]:
        for fault in library["vulns"]:
            found += 1
            mended = ", ".join(fault["fix_versions"]) or "no version yet"
            print(f"{library['name']} {library['version']}: {fault['id']}, mended in {mended}")
    print(f"{named}: {len(answer['known'])} libraries looked up, {found} known vulnerabilities")
    if answer["unknown"]:
        print(f"{named}: {len(answer['unknown'])} libraries NOT AUDITED: the list is out of reach")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
