"""The image's steps, taken one by one without an engine: what is copied, and an environment of its own.

Not taken are the base image, and the steps that are about users.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.programs import free_port, until
from tests.small_hospital import small_hospital

ROOT = Path(__file__).parents[2]
PACKAGES = ("callbacks", "connectors", "layouts", "surveillance")
INSTALL_S = 600
START_S = 60
NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.egg-info")


class Step(NamedTuple):
    """One instruction of the Dockerfile."""

    word: str
    rest: str

    @property
    def command(self) -> list[str]:
        """What it runs: a JSON list is taken as it is, anything else is read as a shell would."""
        return list(json.loads(self.rest)) if self.rest.startswith("[") else shlex.split(self.rest)


class Image(NamedTuple):
    """What the image would hold. ``environment``: where its programs are."""

    folder: Path
    programs: Path

    def run(self, command: list[str], port: int) -> subprocess.Popen[str]:
        """A command of the image; the port that it names is ``port`` here."""
        there = [word.replace(PORT, str(port)) for word in command]
        found = [str(self.programs / there[0]), *there[1:]]
        path = f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        environment = {"PATH": path, "HOME": str(self.folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1", **pip_settings()}
        return subprocess.Popen(
            found, cwd=self.folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )


def pip_settings() -> dict[str, str]:
    """Where this machine finds packages, should its environment say so; and where it keeps what it has fetched."""
    kept = {"PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip"))}
    kept["PIP_NO_COMPILE"] = "1"  # what the program imports is compiled when it starts
    return {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "http"))} | kept


def steps() -> list[Step]:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [Step(word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in lines) if word]


def only(word: str) -> Step:
    (found,) = (step for step in steps() if step.word == word)
    return found


def health_command() -> list[str]:
    """The command of HEALTHCHECK, behind its options."""
    _, command = re.split(r"\bCMD\s+", only("HEALTHCHECK").rest, maxsplit=1)
    return Step("CMD", command).command


PORT = only("EXPOSE").rest


def copied(folder: Path) -> None:
    for step in steps():
        if step.word != "COPY":
            continue
        *sources, target = step.command
        for source in sources:
            there = folder / target / Path(source).name if target.endswith("/") else folder / target
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, there, ignore=NOT_COPIED)
            else:
                shutil.copy(ROOT / source, there)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Everything that the Dockerfile copies, and what its pip steps install.

    The libraries of the lock file are lent from the environment of these tests, which pip made of the same file with
    the same hashes: no other library is there.
    """
    base = tmp_path_factory.mktemp("image")
    folder = base / "app"
    folder.mkdir()
    copied(folder)
    made = Image(folder, base / "environment" / "bin")
    subprocess.run([sys.executable, "-m", "venv", str(made.programs.parent)], check=True, timeout=INSTALL_S)
    lend_libraries(made.programs.parent)
    _, program = (step.command for step in steps() if step.word == "RUN" and step.command[0] == "pip")
    with made.run(program, 0) as process:
        said, _ = process.communicate(timeout=INSTALL_S)
    assert process.returncode == 0, said
    return made


def lend_libraries(environment: Path) -> None:
    """Links to what each library of the lock file installed here, in another environment."""
    (there,) = environment.glob("lib/python*/site-packages")
    locked = re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert len(locked) > 40
    for name, version in locked:
        library = metadata.distribution(name)
        assert library.version == version
        for old in there.glob(f"{name}-*.dist-info"):  # a new environment has a setuptools of its own
            shutil.rmtree(old)
        for part in {Path(file).parts[0] for file in library.files or ()} - {"..", "__pycache__"}:
            link, lent = there / part, Path(str(library.locate_file(part)))
            if link.is_dir() and not link.is_symlink():
                shutil.rmtree(link)
            if not link.exists():
                link.symlink_to(lent)


@pytest.fixture
def served(image: Image, tmp_path: Path) -> Iterator[int]:
    """The port on which the image's CMD serves a small hospital; ended by the signal that the image names."""
    config = small_hospital(tmp_path)
    with config.open("a", encoding="utf-8") as more:
        more.write("\n[access]\nunpaired_walls_allowed = true\n")
    command = only("CMD").command
    site = command[command.index("--config") + 1]
    port = free_port()
    here = [str(tmp_path / "hospital.toml") if word == site else word for word in command]
    with image.run(here, port) as process:
        try:
            until(lambda: healthy(image, port) or process.poll() is not None, START_S, 0.2)
            assert process.poll() is None, process.communicate()[0]
            yield port
        finally:
            process.send_signal(signal.Signals[only("STOPSIGNAL").rest])
            process.communicate(timeout=START_S)


def healthy(image: Image, port: int) -> bool:
    with image.run(health_command(), port) as process:
        process.communicate(timeout=START_S)
    return process.returncode == 0


def test_the_program_starts_from_what_the_image_holds(image: Image, served: int) -> None:
    assert healthy(image, served)
    page = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{PORT}/assets/wall.css').status)"
    with image.run(["python", "-c", page], served) as process:
        said, _ = process.communicate(timeout=START_S)
    assert said.strip() == "200"


def test_nobody_is_healthy_who_does_not_answer(image: Image) -> None:
    assert not healthy(image, free_port())


def test_every_library_has_its_hash() -> None:
    libraries, program = (step.command for step in steps() if step.word == "RUN" and step.command[0] == "pip")
    assert libraries == ["pip", "install", "--require-hashes", "-r", "requirements.lock"]
    assert {"--no-deps", "--no-build-isolation"} <= set(program)
    (more,) = (step.rest for step in steps() if step.word == "RUN" and "requirements-sources.lock" in step.rest)
    assert more.startswith('if [ "$SOURCES" = all ]; then pip install --require-hashes -r requirements-sources.lock &&')


def test_it_does_not_run_as_root() -> None:
    words = [step.word for step in steps()]
    user = only("USER").rest
    assert user not in ("root", "0")
    assert words.index("USER") < words.index("CMD")
    assert any(step.word == "RUN" and "useradd" in step.rest and user in step.rest for step in steps())


def test_it_names_no_secret_and_no_registry() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    addresses = set(re.findall(r"https?://([^/:'\"\s]+)", text))
    assert addresses <= {"127.0.0.1"}
    assert not re.search(r"password|passwd|secret|token|api_?key|--(extra-)?index-url|--trusted-host", text, re.I)
    assert only("FROM").rest == "python:3.11-slim"


def test_a_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    """Queries, manifests, migrations, examples: an installation without this folder needs them all."""
    source = tmp_path / "source"
    source.mkdir()
    copied(source)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([*build, str(source)], check=True, timeout=INSTALL_S)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        held = set(file.namelist())
    paths = [path for name in ("assets", *PACKAGES) for path in (ROOT / name).rglob("*") if path.is_file()]
    wanted = {path.relative_to(ROOT).as_posix() for path in paths if "__pycache__" not in path.parts}
    assert sorted(wanted - held) == []
