"""Atomic writes, digests and safe names."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from outreach_merge.errors import MachineError

_SAFE_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")

_REASONS = {
    errno.ENOSPC: ("the disk is full", "Make room and run the command again."),
    errno.EACCES: ("permission denied", "Make the folder writable or choose another."),
    errno.EPERM: ("permission denied", "Make the folder writable or choose another."),
    errno.EROFS: ("the file system is read-only", "Choose another folder."),
    errno.ENOTDIR: ("a part of the path is a file", "Rename that file or choose another folder."),
    errno.EEXIST: ("a file stands where a folder is needed", "Rename that file."),
}


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256 of ``data``."""
    return hashlib.sha256(data).hexdigest()


def sha256_of_file(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class FileStamp:
    """Metadata of a file that changes when it is saved."""

    inode: int
    size: int
    modified_ns: int
    changed_ns: int


def file_stamp(path: Path) -> FileStamp | None:
    """The stamp of a file; ``None`` when it cannot be read.

    Take it before reading the file: the content read is then of that stamp or newer.
    """
    try:
        about = path.stat()
    except OSError:
        return None
    return FileStamp(about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)


def is_safe_name(name: str) -> bool:
    """Whether ``name`` can be a file name everywhere and cannot leave its folder."""
    return bool(_SAFE_NAME.match(name)) and ".." not in name and not name.endswith(".")


def write_atomically(path: Path, data: bytes) -> None:
    """Write all of ``data`` or nothing, also when the process is killed.

    The bytes are written to a hidden temporary file beside ``path``, which is renamed after
    ``fsync``.

    :raises MachineError: disk full, no permission, a file where a folder is needed.
    """
    if path.exists() and not path.is_file():
        _write_through(path, data)
        return
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise cannot_write(path, error) from error
        raise


def _write_through(path: Path, data: bytes) -> None:
    """Write to a pipe or a device, which renaming would replace by a file."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> MachineError:
    """An error of the operating system as a message with a remedy."""
    reason, remedy = _REASONS.get(error.errno or 0, (error.strerror or str(error), ""))
    return MachineError(f"cannot write {path}: {reason}.", remedy)


def remove_leftovers(folder: Path) -> int:
    """Remove temporary files that a killed run left in ``folder``; returns how many."""
    leftovers = [path for path in folder.glob("*/.*.pdf.*") if path.is_file()]
    for path in leftovers:
        path.unlink(missing_ok=True)
    return len(leftovers)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
