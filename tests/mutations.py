"""Random changes to files, by a seed: what disks, editors, spreadsheets and people do to them."""

import io
import random
import zipfile
from collections.abc import Callable
from typing import Literal

from semisup.engine.sizes import DAMAGED_ZIP

PIECES = (
    b"\0",
    b"\xff",
    b"\n",
    b"\r",
    b'"',
    b"'",
    b",",
    b"\t",
    b";",
    b"nan",
    b"inf",
    b"-1",
    b"1e999",
)
WORDS = ("0", "-1", "1e400", "nan", "true", '""', '"x"', "[]", "{}", "[1, 2]", "1979-05-27", "inf")


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _flip(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 20)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _remove(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.randint(1, max(1, len(data) // 4)) :]


def _insert(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(PIECES) * rng.randint(1, 3) + data[at:]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    end = start + rng.randint(1, max(1, len(data) // 3))
    return data[:end] + data[start:end] + data[end:]


def _encode(data: bytes, rng: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(rng.choice(("utf-16", "utf-8-sig", "latin-1", "cp1252")), "replace")


def _lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.split(b"\n")
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(4):
        case 0:
            del lines[first]
        case 1:
            lines.insert(second, lines[first])
        case 2:
            lines[first], lines[second] = lines[second], lines[first]
        case 3:
            lines[first] = lines[first][: len(lines[first]) // 2]
    return b"\n".join(lines)


def _value(data: bytes, rng: random.Random) -> bytes:
    """Give a key of a study file another value."""
    lines = data.split(b"\n")
    keys = [number for number, line in enumerate(lines) if b" = " in line]
    if keys:
        number = rng.choice(keys)
        key = lines[number].partition(b" = ")[0]
        lines[number] = key + b" = " + rng.choice(WORDS).encode()
    return b"\n".join(lines)


def _letters(data: bytes, rng: random.Random) -> bytes:
    """Misspell a word: two letters change places."""
    at = rng.randrange(max(1, len(data) - 1))
    return data[:at] + data[at : at + 2][::-1] + data[at + 2 :]


#: What sizes, rates, counts and offsets in a header are when they are wrong.
NUMBERS = (0, 1, 2, 7, 255, 65535, 10**6, 10**9, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1)
#: Bytes that headers have, at the beginning or, as in Parquet and zip, at the end.
HEADER = 256


def _number(data: bytes, rng: random.Random) -> bytes:
    """Put another number into a header: a size, a rate, a number of channels."""
    width = rng.choice((1, 2, 2, 4, 4, 8))
    number = rng.choice(NUMBERS) % 2 ** (8 * width)
    order: Literal["little", "big"] = rng.choice(("little", "big"))
    at = rng.randrange(min(len(data), HEADER))
    if rng.random() < 0.3:
        at = len(data) - 1 - at
    return data[:at] + number.to_bytes(width, order) + data[at + width :]


def _member(data: bytes, rng: random.Random) -> bytes:
    """Change a member of a zip file, whose check sum is right again: damage that nothing tells."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            members = {name: file.read(name) for name in file.namelist()}
    except DAMAGED_ZIP:
        return data  # no zip file any more
    if not members:
        return data
    name = rng.choice(list(members))
    change = rng.choice(OF_TEXT if name.endswith(".json") else (*OF_BYTES, _flip, _number))
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        for each, content in members.items():
            file.writestr(each, change(content, rng) if each == name and content else content)
    return written.getvalue()


OF_BYTES = (_cut, _flip, _remove, _insert, _repeat)
OF_FILES = (*OF_BYTES, _number, _number, _number)
OF_TEXT = (*OF_BYTES, _encode, _lines, _lines, _letters)
OF_ZIPS = (*OF_FILES, *(_member,) * 12)
OF_STUDIES = (_insert, _remove, _lines, _lines, _value, _value, _value, _letters, _letters)


def mutated(
    data: bytes, seed: int, changes: tuple[Callable[[bytes, random.Random], bytes], ...], most: int
) -> bytes:
    """Return a file's bytes after one change of these kinds, or a few."""
    rng = random.Random(seed)
    for _ in range(rng.randint(1, most)):
        if data:
            data = rng.choice(changes)(data, rng)
    return data
