"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

LEFT_BEHIND_S = 24 * 3600.0
"""Age in seconds from which an unfinished file counts as left behind by a writer that was killed:
no file here takes nearly as long to write."""

_LONGEST_NAME = 255
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/(\d+)")
_STANDARD = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


def write_whole(final: Path, write: Callable[[Path], object]) -> None:
    """Lets a function write a file beside the one wanted, which it replaces when it is on disk.

    Whoever reads the file finds the old one or the new one, even after a crash and however many
    write at a time; of several writers the last one counts. An existing file's permissions stay,
    and its owner if this process may give files away. A link stays, too: what it points to is
    written. Pipes, devices and open descriptors such as /dev/stdout are written to, never replaced.

    Args:
        final: The file wanted. The one beside it has a name of its own, partial-..., and the same
            suffix. What a killed writer left is removed after a day by whoever writes next.
        write: Writes to the path that it is given.

    Raises:
        OSError: It can't be written; nothing is left beside it then.
    """
    final = Path(final)
    if _is_special(final):
        _write_through(final, write)
        return
    target = _followed(final)
    partial = _new_beside(target, final)
    try:
        with _named(final, partial):
            write(partial)
            flush_to_disk(partial)
            _give_permissions_of(target, partial)
            os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    _flush_folder(target.parent)
    _remove_left_behind(target)


def write_text(final: Path, text: str) -> None:
    """Writes a text file in one piece, as UTF-8; what UTF-8 can't say is written as an escape.

    Args:
        final: The file wanted.
        text: What it shall hold. Bytes of a file's name that are no text become words such as
            "udcff" after a backslash: no file fails to be written for a name in it.

    Raises:
        OSError: It can't be written.
    """
    data = text.encode("utf-8", "backslashreplace")
    write_whole(final, lambda partial: partial.write_bytes(data))


def check_writable(final: Path) -> None:
    """Finds out whether a file can be written, and leaves everything as it is.

    Raises:
        OSError: It can't: its folder is missing or closed, or it is a folder itself.
    """
    final = Path(final)
    if _is_special(final):
        return
    _new_beside(_followed(final), final).unlink(missing_ok=True)


def is_stdout(path: Path) -> bool:
    """Whether a path such as /dev/stdout or /dev/fd/1 stands for this process's standard output."""
    return _descriptor(path) == 1


def is_unfinished(name: str, final_name: str) -> bool:
    """Whether a file's name is that of an unfinished one beside `final_name`.

    Earlier releases called it partial-NAME.
    """
    return re.fullmatch(rf"partial-([0-9a-f]{{16}}-)?{re.escape(final_name)}", name) is not None


def flush_to_disk(path: Path) -> None:
    """Waits until the operating system has written a file: renamed too early, it may be empty."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _is_special(path: Path) -> bool:
    """Whether a path leads to something that takes bytes, and is no file that can be replaced."""
    if _descriptor(path) is not None:
        return True
    try:
        mode = path.stat().st_mode
    except OSError:  # not there, or not reached: opening it will tell
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _descriptor(path: Path) -> int | None:
    """The descriptor of this process that a path such as /dev/stdout or /dev/fd/3 stands for."""
    words = os.fspath(path)
    found = _DESCRIPTOR.fullmatch(words)
    return int(found[1]) if found else _STANDARD.get(words)


def _write_through(final: Path, write: Callable[[Path], object]) -> None:
    """Writes a file elsewhere, and then its bytes to a pipe, device or descriptor.

    Writers seek, and go by the suffix: neither can be asked of a pipe.
    """
    with tempfile.TemporaryDirectory(prefix="nanotilt-") as folder:
        elsewhere = Path(folder) / f"partial{final.suffix}"
        write(elsewhere)
        data = elsewhere.read_bytes()
    descriptor = _descriptor(final)
    if descriptor is None:
        # A device is there already: should it vanish, no file takes its place.
        opened = os.open(final, os.O_WRONLY | getattr(os, "O_BINARY", 0))
    else:
        # Opened anew, a file behind the descriptor would be overwritten from its start.
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        opened = os.dup(descriptor)
    with os.fdopen(opened, "wb") as file:
        file.write(data)


def _followed(final: Path) -> Path:
    """What is to be replaced: the path itself, or where a link leads.

    Raises:
        OSError: It is a folder, a file that may not be written to, or a link that leads in circles.
    """
    target = Path(os.path.realpath(final)) if final.is_symlink() else final
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(final))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(final))
    effective = os.access in os.supports_effective_ids
    if target.exists() and not os.access(target, os.W_OK, effective_ids=effective):
        # Replaced by renaming, a protected file would be lost all the same.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(final))
    return target


def _new_beside(target: Path, final: Path) -> Path:
    """A new, empty file in the folder of `target` that nobody else has or can foresee."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        # Never more open than what it replaces, not even for a moment.
        mode = stat.S_IMODE(target.stat().st_mode) & 0o777 | 0o200
    except OSError:
        mode = 0o666  # less the umask
    while True:
        partial = target.with_name(_partial_name(target))
        with _named(final, partial):
            try:
                os.close(os.open(partial, flags, mode))
            except FileExistsError:
                continue
            return partial


def _partial_name(target: Path) -> str:
    start = f"partial-{secrets.token_hex(8)}"
    name = f"{start}-{target.name}"
    too_long = len(os.fsencode(name)) > _LONGEST_NAME
    return f"{start}{target.suffix[:32]}" if too_long else name


def _give_permissions_of(target: Path, partial: Path) -> None:
    """Owner, group and permissions of the file that is replaced, as far as this process may."""
    try:
        old = target.stat()
    except FileNotFoundError:
        return
    new = partial.stat()
    if hasattr(os, "chown") and (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        with contextlib.suppress(OSError):  # not ours to give away; it stays this user's
            os.chown(partial, old.st_uid, old.st_gid)
    if stat.S_IMODE(old.st_mode) != stat.S_IMODE(partial.stat().st_mode):
        os.chmod(partial, stat.S_IMODE(old.st_mode))


@contextlib.contextmanager
def _named(final: Path, partial: Path) -> Iterator[None]:
    """Errors name the file wanted, not the one beside it, of which nobody knows."""
    try:
        yield
    except OSError as error:
        if error.filename is not None and os.fspath(error.filename) == os.fspath(partial):
            error.filename, error.filename2 = str(final), None
        raise


def _flush_folder(folder: Path) -> None:
    """Waits until the new name is on disk, where folders can be opened for that."""
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _remove_left_behind(target: Path) -> None:
    """Removes unfinished files of the same name that are a day old: their writers were killed."""
    oldest = time.time() - LEFT_BEHIND_S
    with contextlib.suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            if is_unfinished(entry.name, target.name) and (
                entry.stat(follow_symlinks=False).st_mtime < oldest
            ):
                os.unlink(entry.path)
