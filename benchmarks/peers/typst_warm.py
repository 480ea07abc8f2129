"""Typst with a warm compiler: one process, fonts read once."""

import sys
from pathlib import Path

import typst

folder = Path(sys.argv[1])
source = folder / "typst" / "letter.typ"
compiler = typst.Compiler(str(source))
for letter in sorted((folder / "typst").glob("*.json")):
    compiler.compile(
        output=str(folder / "out" / f"{letter.stem}.pdf"),
        sys_inputs={"letter": letter.name},
        pdf_standards=["a-3a"],
    )
