"""LibreOffice's batch conversion. It stops at some 250 files, so it is given fewer at a time."""

import subprocess
import sys
from pathlib import Path

AT_A_TIME = 200

folder = Path(sys.argv[1])
profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
to = ["--convert-to", "pdf:writer_web_pdf_Export", "--outdir", str(folder / "out")]
pages = sorted(map(str, (folder / "html").glob("*.html")))
for start in range(0, len(pages), AT_A_TIME):
    batch = pages[start : start + AT_A_TIME]
    subprocess.run(["soffice", profile, "--headless", *to, *batch], check=True)
