"""Installs the Debian packages that the tests need, as root; otherwise names the missing ones and goes on."""

import os
import shutil
import subprocess
import sys

PACKAGES = {
    "postgresql": "the tests' second database",
    "unixodbc": "the ODBC driver manager that pyodbc loads",
    "odbc-postgresql": "the ODBC driver for PostgreSQL",
    "mariadb-server": "the tests' third database",
    "odbc-mariadb": "the ODBC driver for MariaDB and MySQL",
    "chromium-headless-shell": "the browser of the browser tests",
    "iproute2": "networks of their own, in which packets can be lost",
    "nodejs": "runs npm",
    "npm": "fetches the identity provider and the FHIR server of the tests",
}
PROGRAMS = {"nodejs": "node", "npm": "npm"}
"""A package whose program is there, whoever brought it, is not missing: some packages of Node.js bring npm."""


def missing() -> list[str]:
    """The names in ``PACKAGES`` that dpkg does not report as installed, and whose program is not there either."""

    def installed(name: str) -> bool:
        query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", name]
        answer = subprocess.run(query, capture_output=True, text=True, check=False)
        return answer.stdout == "installed"

    there = {name for name, program in PROGRAMS.items() if shutil.which(program)}
    return [name for name in PACKAGES if name not in there and not installed(name)]


def main() -> int:
    """Install what is missing, and fail if root cannot; anybody else is told what to install."""
    if shutil.which("dpkg-query") is None:
        print("Not a Debian system: install yourself " + ", ".join(PACKAGES))
        return 0
    wanted = missing()
    if not wanted:
        return 0
    if os.geteuid() != 0:
        for name in wanted:
            print(f"missing Debian package {name} ({PACKAGES[name]}); tests that need it are skipped")
        print(f"As root: apt-get install --yes {' '.join(wanted)}")
        return 0
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=quiet, check=True, stdout=subprocess.DEVNULL)
    install = ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *wanted]
    return subprocess.run(install, env=quiet, check=False, stdout=subprocess.DEVNULL).returncode


if __name__ == "__main__":
    sys.exit(main())
