"""What every table of the configuration is: closed, immutable, and read with the name of every wrong key."""

from __future__ import annotations

import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo

from surveillance.errors import ConfigurationError, nearest


def _from_folder(value: Path, info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder")
    return folder / value if folder and not value.is_absolute() else value


FilePath = Annotated[Path, AfterValidator(_from_folder)]
"""A path; a relative one starts at the folder of the file that names it."""


def _no_number(value: Any) -> Any:
    if isinstance(value, int | float):  # pydantic would read 7 as seven seconds after midnight
        raise ValueError("write a time of day, as 07:30:00")
    return value


TimeOfDay = Annotated[time, BeforeValidator(_no_number)]


class Section(BaseModel):
    """One table of the file: closed, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


SectionT = TypeVar("SectionT", bound=Section)


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file.

    Raises:
        ConfigurationError: naming the file (and line) that cannot be read.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error


def parse(model: type[SectionT], content: dict[str, Any], origin: Path) -> SectionT:
    """``content`` as ``model``.

    Raises:
        ConfigurationError: one line for each fault, each with ``origin`` and the key's full name.
    """
    try:
        return model.model_validate(content, context={"folder": origin.parent})
    except ValidationError as error:
        faults = [_explain(model, fault["loc"], fault["type"], fault["msg"]) for fault in error.errors()]
        raise ConfigurationError("\n".join(f"{origin}: {fault}" for fault in faults)) from None


def _explain(model: type[Section], where: tuple[int | str, ...], kind: str, message: str) -> str:
    key = ".".join(str(part) for part in where)
    if kind != "extra_forbidden":
        return f"{key}: {message.removeprefix('Value error, ')}" if key else message.removeprefix("Value error, ")
    table = _table_at(model, where[:-1])
    known = table.model_fields if table else ()
    return f"unknown key '{key}'; {nearest(str(where[-1]), known)}"


def _table_at(model: type[Section], where: tuple[int | str, ...]) -> type[Section] | None:
    """The section that the location leads to, through mappings and lists of sections."""
    table: type[Section] | None = model
    for part in where:
        if table is None or part not in table.model_fields:
            continue
        table = _section_in(table.model_fields[str(part)].annotation)
    return table


def _section_in(annotation: Any) -> type[Section] | None:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _section_in(arg))), None)
