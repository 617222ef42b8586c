"""What a shared library's machine code says of itself, read with objdump; stripped libraries too.

Functions are known from their unwind entries, which stripping leaves: by address, without names.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from child_processes import finished

INSTRUCTION = re.compile(r"^ *([0-9a-f]+):\t((?:[0-9a-f]{2} )+) *\t(.*)$", re.MULTILINE)
UNWIND_ENTRY = re.compile(r" FDE .* pc=([0-9a-f]+)\.\.([0-9a-f]+)$", re.MULTILINE)
POINTER = re.compile(r"^([0-9a-f]+) R_X86_64_RELATIVE +\*ABS\*\+0x([0-9a-f]+)$", re.MULTILINE)
EXPORT = re.compile(r"^([0-9a-f]+) .*\t[0-9a-f]+ ", re.MULTILINE)
SECTION = re.compile(r"^ +\d+ \.(\S+) +(\w+)  (\w+)  \w+  (\w+) ", re.MULTILINE)
JUMP = re.compile(r"(?:bnd |notrack )*(?:call|j[a-z]+)[ ,a-z]* ([0-9a-f]+)\b")
ADDRESS_TAKEN = re.compile(r"# ([0-9a-f]+)\b")

SEGMENT_AND_SIZE_PREFIXES = {"26", "2e", "36", "3e", "64", "65", "67"}
AVX = {"c4", "c5"}  # VEX: AVX, AVX2, FMA, BMI, and AVX-512's masks; in 64-bit code nothing else
AVX512 = {"62"}  # EVEX
NO_FUNCTION = (
    -1
)  # stands for all code without an unwind entry, such as the stubs for other libraries


@dataclass(frozen=True)
class Library:
    """Functions, by their first addresses, and what refers to what."""

    references: dict[int, set[int]]  # function -> functions whose addresses it holds
    encodings: dict[int, set[str]]  # function -> first bytes of its instructions
    pointers: dict[int, int]  # place in the data -> address that is stored there
    exported: set[int]
    strings: dict[int, str]  # text at the addresses that `pointers` lead to, its first bytes

    def with_encoding(self, wanted: set[str]) -> set[int]:
        """Functions that hold an instruction of these encodings."""
        return {function for function, found in self.encodings.items() if found & wanted}

    def reached_from(self, roots: Iterable[int]) -> set[int]:
        """These functions, those that they refer to, and so on."""
        reached: set[int] = set()
        waiting = [root for root in roots if root in self.encodings]
        while waiting:
            function = waiting.pop()
            if function not in reached:
                reached.add(function)
                waiting += self.references[function]
        return reached


def read_library(path: Path) -> Library:
    """Disassembles a whole library."""
    spans = sorted(
        (int(a, 16), int(b, 16)) for a, b in UNWIND_ENTRY.findall(objdump("--dwarf=frames", path))
    )
    starts = [start for start, _ in spans]

    def function_at(address: int) -> int:
        place = bisect_right(starts, address) - 1
        inside = place >= 0 and address < spans[place][1]
        return starts[place] if inside else NO_FUNCTION

    references: dict[int, set[int]] = defaultdict(set)
    encodings: dict[int, set[str]] = defaultdict(set)
    for address, code, text in INSTRUCTION.findall(objdump("-dw", path)):
        function = function_at(int(address, 16))
        bytes_ = code.split()
        encodings[function].add(next(b for b in bytes_ if b not in SEGMENT_AND_SIZE_PREFIXES))
        for found in (JUMP.match(text), ADDRESS_TAKEN.search(text)):
            target = function_at(int(found[1], 16)) if found else NO_FUNCTION
            if target not in (NO_FUNCTION, function):
                references[function].add(target)
    pointers = {int(a, 16): int(b, 16) for a, b in POINTER.findall(objdump("-R", path))}
    exports = {int(address, 16) for address in EXPORT.findall(objdump("-T", path))}
    return Library(references, encodings, pointers, exports, texts_at(path, pointers.values()))


def texts_at(path: Path, addresses: Iterable[int]) -> dict[int, str]:
    """The first bytes at addresses in read-only data, up to a zero."""
    content = path.read_bytes()
    sections = {name: places for name, *places in SECTION.findall(objdump("-h", path))}
    size, start, offset = (int(number, 16) for number in sections["rodata"])
    data = content[offset : offset + size]
    places = {address: address - start for address in addresses if 0 <= address - start < size}
    return {
        address: data[place : place + 8].partition(b"\0")[0].decode("latin-1")
        for address, place in places.items()
    }


def objdump(option: str, path: Path) -> str:
    """What objdump prints."""
    ended = finished(["objdump", option, path])
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
