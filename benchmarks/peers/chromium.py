"""Chromium kept open: one browser, one page after the other through its DevTools."""

import base64
import fcntl
import json
import os
import select
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

folder = Path(sys.argv[1])
to_browser_out, to_browser = os.pipe()
from_browser, from_browser_in = os.pipe()
# Away from 3 and 4, which the browser reads and writes.
commands = fcntl.fcntl(to_browser_out, fcntl.F_DUPFD, 20)
answers = fcntl.fcntl(from_browser_in, fcntl.F_DUPFD, 20)


def _plumb() -> None:
    os.dup2(commands, 3)
    os.dup2(answers, 4)


profile = tempfile.mkdtemp()
browser = subprocess.Popen(
    [
        sys.argv[2], "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
        "--disable-dev-shm-usage", f"--user-data-dir={profile}", "about:blank",
    ],
    close_fds=False, preexec_fn=_plumb, stderr=subprocess.DEVNULL,
)  # fmt: skip
reader = os.fdopen(from_browser, "rb")
waiting = b""


def receive() -> dict[str, Any]:
    global waiting
    while b"\0" not in waiting:
        if not select.select([reader], [], [], 60)[0]:
            raise SystemExit("the browser says nothing")
        waiting += os.read(reader.fileno(), 1 << 20)
    message, waiting = waiting.split(b"\0", 1)
    found: dict[str, Any] = json.loads(message)
    return found


count = 0


def call(method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
    global count
    count += 1
    message = {"id": count, "method": method, "params": parameters}
    if session:
        message["sessionId"] = session
    os.write(to_browser, json.dumps(message).encode() + b"\0")
    while (answer := receive()).get("id") != count:
        pass
    if "error" in answer:
        raise SystemExit(f"{method}: {answer['error']}")
    result: dict[str, Any] = answer["result"]
    return result


target = call("Target.createTarget", url="about:blank")["targetId"]
page = call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
call("Page.enable", page)
for file in sorted((folder / "html").glob("*.html")):
    call("Page.navigate", page, url=file.as_uri())
    while receive().get("method") != "Page.loadEventFired":
        pass
    printed = call("Page.printToPDF", page, preferCSSPageSize=True, generateTaggedPDF=True)
    (folder / "out" / f"{file.stem}.pdf").write_bytes(base64.b64decode(printed["data"]))
browser.terminate()
browser.wait()
