"""Typst compiled afresh: a process for each letter, as its command line is used."""

import subprocess
import sys
from pathlib import Path

ONE = """
import sys, typst
typst.compile(sys.argv[1], output=sys.argv[2], sys_inputs={"letter": sys.argv[3]},
              pdf_standards=["a-3a"])
"""
folder = Path(sys.argv[1])
source = folder / "typst" / "letter.typ"
for letter in sorted((folder / "typst").glob("*.json")):
    out = folder / "out" / f"{letter.stem}.pdf"
    subprocess.run([sys.executable, "-c", ONE, source, out, letter.name], check=True)
