"""Makes the virtual environment; on a Debian without the venv module it installs that first, or says how."""

import os
import subprocess
import sys


def main(folder: str) -> int:
    """Create ``folder`` as a virtual environment with pip; 0 when it stands."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the only file that an older Python may meet
        print(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
        return 1
    try:
        import ensurepip  # noqa: F401 - Debian ships it apart, in python3-venv
    except ImportError:
        packages = "apt-get update && apt-get install --yes --no-install-recommends python3-venv"
        if os.geteuid() != 0:
            print(f"Python's venv module is missing. As root: {packages}")
            return 1
        subprocess.run(["sh", "-c", packages], check=True, stdout=subprocess.DEVNULL)
    return subprocess.run([sys.executable, "-m", "venv", folder], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
