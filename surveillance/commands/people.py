"""The simulated hospital's people: an account a role, with one password a hospital, and what its teams said so far."""

from __future__ import annotations

import secrets
from pathlib import Path

from surveillance.access.access import Access
from surveillance.access.people import Granted, Role
from surveillance.polling.clock import hospital_clock
from surveillance.settings import load_settings
from surveillance.store import desk_url, open_database
from surveillance.team.seed import seed_team

PASSWORD = "password.txt"
LETTERS = "abcdefghjkmnpqrstuvwxyz"


def let_in(folder: Path, config: Path) -> list[str]:
    """Make the accounts of the hospital in ``folder``; returns their names, the first one that of a ward's nurse."""
    settings = load_settings(config)
    first, second = settings.wards[0], settings.wards[min(1, len(settings.wards) - 1)]
    people = {
        "nurse": ("S. Marsh, Sister (simulated)", Granted(Role.WARD_STAFF, wards=(first.code, second.code))),
        "matron": ("P. Okafor, Matron (simulated)", Granted(Role.MATRON, divisions=(first.division,))),
        "pharmacist": ("L. Haddad, Pharmacist (simulated)", Granted(Role.PHARMACIST)),
        "quality": ("R. Byrne, Quality team (simulated)", Granted(Role.QUALITY)),
        "executive": ("J. Lindqvist, Chief Nurse (simulated)", Granted(Role.EXECUTIVE)),
        "administrator": ("T. Ellis, Informatics (simulated)", Granted(Role.ADMINISTRATOR)),
    }
    chosen = password(folder)
    database = open_database(desk_url(settings.store))
    access = Access()
    try:
        opened = access.open(settings, database)
        for name, (shown, granted) in people.items():
            if opened.accounts.check(name, chosen) is None:
                opened.accounts.put(name, shown, chosen, [granted])
        seed_team(database, settings, access.now(), hospital_clock(settings)())
    finally:
        access.close()
        database.close()
    return list(people)


def password(folder: Path) -> str:
    """The one of the hospital in a folder, made up if there is none yet."""
    path = folder / PASSWORD
    if not path.exists():
        made = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(2))
        path.touch(mode=0o600)
        path.write_text(made + "\n", encoding="utf-8")
    return path.read_text("utf-8").strip()
