"""Files that are written whole or not at all: by many at a time, over links, pipes and devices."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from child_processes import running
from nanotilt._base import files
from nanotilt._base.files import check_writable, write_text, write_whole

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions, pipes and devices")

WRITER = """
import sys
from pathlib import Path
from nanotilt._base.files import write_text
path, letter = Path(sys.argv[1]), sys.argv[2]
for i in range(100):
    write_text(path, letter * (20_000 + i))
"""


@contextmanager
def as_somebody() -> Iterator[None]:
    """Without the rights of root, whom no permission holds back."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def everybodys() -> Iterator[Path]:
    """A folder that everybody may reach and write to, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def only(folder: Path, *names: str) -> bool:
    return {path.name for path in folder.iterdir()} == set(names)


def test_writers_and_readers_at_the_same_time(tmp_path: Path) -> None:
    """No write fails, no reader finds half a file, and nothing is left beside it."""
    path = tmp_path / "shared.txt"
    write_text(path, "a" * 20_000)
    with contextlib.ExitStack() as children:
        writers = [
            children.enter_context(running([sys.executable, "-c", WRITER, path, letter]))
            for letter in "bcd"
        ]
        n_reads = 0
        while any(writer.poll() is None for writer in writers):
            text = path.read_text()
            assert len(text) >= 20_000
            assert set(text) == {text[0]}
            n_reads += 1
        assert n_reads > 10
        assert [(w.wait(), w.stderr and w.stderr.read()) for w in writers] == [(0, "")] * 3
    assert len(path.read_text()) == 20_099
    assert only(tmp_path, "shared.txt")


@posix
def test_names_can_t_be_foreseen_and_links_planted_under_them_are_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    names = iter(["a" * 16, "b" * 16])
    monkeypatch.setattr("secrets.token_hex", lambda n: next(names))
    (tmp_path / f"partial-{'a' * 16}-out.txt").symlink_to(victim)  # guessed rightly, for once
    (tmp_path / "partial-out.txt").symlink_to(victim)  # the name that earlier releases used
    write_text(tmp_path / "out.txt", "new")
    assert victim.read_text() == "precious"
    assert (tmp_path / "out.txt").read_text() == "new"


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_permissions_of_an_existing_file_stay(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret.json"
    path.write_text("old")
    path.chmod(mode)
    seen: list[int] = []

    def write(partial: Path) -> None:
        seen.append(stat.S_IMODE(partial.stat().st_mode))
        partial.write_text("new")

    write_whole(path, write)
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert seen[0] & ~mode == 0  # more open at no moment


@posix
def test_permissions_of_a_new_file_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "new.txt", "")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.txt").stat().st_mode) == 0o640


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_the_owner_stays(tmp_path: Path) -> None:
    path = tmp_path / "theirs.txt"
    path.write_text("old")
    os.chown(path, 1234, 4321)
    write_text(path, "new")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 4321)


@posix
def test_a_write_protected_file_is_not_replaced(everybodys: Path) -> None:
    path = everybodys / "protected.txt"
    path.write_text("kept")
    path.chmod(0o444)
    with as_somebody(), pytest.raises(PermissionError, match=r"protected\.txt"):
        write_text(path, "new")
    assert path.read_text() == "kept"
    assert only(everybodys, "protected.txt")
    path.chmod(0o666)
    with as_somebody():
        write_text(path, "new")
    assert path.read_text() == "new"


@posix
def test_links_stay_and_what_they_point_to_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "file.txt", tmp_path / "link.txt"
    link.symlink_to(Path("real") / "file.txt")
    for text in ("first", "second"):  # at first it leads nowhere
        write_text(link, text)
        assert link.is_symlink()
        assert target.read_text() == text
    assert only(tmp_path, "real", "link.txt")
    assert only(tmp_path / "real", "file.txt")
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    with pytest.raises(OSError, match="circle"):
        write_text(circle, "nowhere")


@posix
def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.npz"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()

    def seeks(partial: Path) -> None:
        assert partial.suffix == ".npz"
        with partial.open("wb") as file:
            file.write(b"?" * 100_000)
            file.seek(0)
            file.write(b"!")

    write_whole(pipe, seeks)
    reader.join(60)
    assert got == [b"!" + b"?" * 99_999]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert only(tmp_path, "pipe.npz")


@posix
def test_devices_are_written_to(tmp_path: Path) -> None:
    write_text(Path(os.devnull), "gone")
    link = tmp_path / "link"
    link.symlink_to(os.devnull)
    write_text(link, "gone")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    assert link.is_symlink()
    if Path("/dev/full").exists():
        with pytest.raises(OSError, match="No space left"):
            write_text(Path("/dev/full"), "too much")


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="descriptors have no paths here")
def test_descriptors_are_written_to_where_they_stand(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w+") as file:
        file.write("before ")
        file.flush()
        write_text(Path(f"/dev/fd/{file.fileno()}"), "between")
        file.seek(0, os.SEEK_END)
        file.write(" after")
    assert (tmp_path / "file").read_text() == "before between after"
    with pytest.raises(OSError, match="Bad file descriptor"):
        write_text(Path("/dev/fd/987"), "nobody's")


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")

    def fail(partial: Path) -> None:
        partial.write_text("half")
        raise RuntimeError("in the midst")

    with pytest.raises(RuntimeError, match="in the midst"):
        write_whole(path, fail)
    assert path.read_text() == "old"
    assert only(tmp_path, "file.txt")


@posix
def test_folders_and_closed_folders(everybodys: Path) -> None:
    """Errors name the file that was asked for, not the one beside it."""
    (everybodys / "folder").mkdir()
    closed = everybodys / "closed"
    closed.mkdir(mode=0o555)
    for path, kind in (
        (everybodys / "folder", IsADirectoryError),
        (everybodys / "none" / "file.txt", FileNotFoundError),
        (closed / "file.txt", PermissionError),
    ):
        for attempt in (check_writable, lambda path: write_text(path, "text")):
            with as_somebody(), pytest.raises(kind) as caught:
                attempt(path)
            assert caught.value.filename == str(path)
    assert only(everybodys, "folder", "closed")


def test_checking_leaves_everything_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    check_writable(path)
    assert only(tmp_path)
    path.write_text("old")
    check_writable(path)
    assert path.read_text() == "old"
    assert only(tmp_path, "file.txt")


def test_what_killed_writers_left_is_removed_after_a_day(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    fresh, stale = (tmp_path / f"partial-{letter * 16}-file.txt" for letter in "ab")
    other = tmp_path / f"partial-{'c' * 16}-other.txt"
    yesterday = time.time() - files.LEFT_BEHIND_S - 60
    for left in (fresh, stale, other, tmp_path / "partial-file.txt"):
        left.touch()
    for left in (stale, other, tmp_path / "partial-file.txt"):
        os.utime(left, (yesterday, yesterday))
    write_text(path, "new")
    assert only(tmp_path, "file.txt", fresh.name, other.name)


def test_long_names_and_names_that_are_no_text(tmp_path: Path) -> None:
    longest = tmp_path / ("n" * 250 + ".json")
    write_text(longest, "a name of 255 bytes")
    assert only(tmp_path, longest.name)
    write_text(tmp_path / "words.txt", "half a pair: \ud800, \N{GREEK SMALL LETTER MU}")
    assert (tmp_path / "words.txt").read_text("utf-8") == "half a pair: \\ud800, \u03bc"
