"""The words of a PDF as Chromium writes it, page by page: enough to see that nothing is missing on paper."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from pathlib import Path

POINTS_A_MM = 72 / 25.4


@dataclass(frozen=True)
class Sheet:
    """One page: its size in millimetres, and its words in the order in which they were drawn."""

    width: float
    height: float
    words: str


def sheets(path: Path) -> list[Sheet]:
    """The pages of a PDF."""
    objects = {
        int(number): body
        for number, body in re.findall(rb"(?:^|\n)(\d+) 0 obj\s(.*?)endobj", path.read_bytes(), re.DOTALL)
    }
    fonts = {number: letters(objects, body) for number, body in objects.items() if b"/ToUnicode" in body}
    return [page(objects, fonts, body) for body in objects.values() if re.search(rb"/Type\s*/Page\b", body)]


def page(objects: dict[int, bytes], fonts: dict[int, dict[str, str]], body: bytes) -> Sheet:
    size = [float(number) for number in re.search(rb"/MediaBox\s*\[([^\]]*)\]", body)[1].split()]  # type: ignore[index]
    named = {name: int(number) for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", body)}
    content = re.search(rb"/Contents\s*\[?((?:\s*\d+ 0 R)+)", body)
    assert content
    drawn = b"\n".join(stream(objects[int(number)]) for number in re.findall(rb"(\d+) 0 R", content[1]))
    return Sheet(size[2] / POINTS_A_MM, size[3] / POINTS_A_MM, text(drawn, {n: fonts[f] for n, f in named.items()}))


def text(drawn: bytes, fonts: dict[bytes, dict[str, str]]) -> str:
    said: list[str] = []
    font: dict[str, str] = {}
    for name, shown, _ in re.findall(rb"/(F\d+) [\d.]+ Tf|((?:<[0-9A-Fa-f]*>|\[[^\]]*\]))\s*(TJ|Tj)", drawn):
        if name:
            font = fonts[name]
            continue
        for glyphs in re.findall(rb"<([0-9A-Fa-f]*)>", shown):
            codes = glyphs.decode().upper()
            said += [font.get(codes[place : place + 4], "?") for place in range(0, len(codes), 4)]
        said.append("\n")
    return "".join(said)


def letters(objects: dict[int, bytes], font: bytes) -> dict[str, str]:
    """Code of a glyph → its letters."""
    found: dict[str, str] = {}
    number = re.search(rb"/ToUnicode (\d+) 0 R", font)
    assert number
    table = stream(objects[int(number[1])]).decode()
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        found |= {code.upper(): words(said) for code, said in re.findall(r"<(\w+)>\s*<(\w+)>", block)}
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, said in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for step in range(int(last, 16) - int(first, 16) + 1):
                code = f"{int(first, 16) + step:0{len(first)}X}"
                found[code] = words(f"{int(said, 16) + step:0{len(said)}X}")
    return found


def words(code: str) -> str:
    return bytes.fromhex(code).decode("utf-16-be")


def stream(body: bytes) -> bytes:
    found = re.search(rb"stream\r?\n(.*?)\r?\nendstream", body, re.DOTALL)
    assert found
    return zlib.decompress(found[1]) if b"/FlateDecode" in body else found[1]
