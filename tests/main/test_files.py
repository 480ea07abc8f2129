"""Files are written whole, and nothing that is not a file is replaced by one."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from outreach_merge.errors import MachineError
from outreach_merge.files import write_atomically


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_atomically(pipe, b"a letter")
    reader.join(timeout=10)
    assert read == [b"a letter"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_folder_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "letter.pdf").mkdir()
    with pytest.raises(MachineError, match=r"letter\.pdf"):
        write_atomically(tmp_path / "letter.pdf", b"a letter")


def test_nothing_is_left_beside_a_written_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new" / "letter.pdf", b"a letter")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["letter.pdf"]
    assert (tmp_path / "new" / "letter.pdf").read_bytes() == b"a letter"
