"""A plain WeasyPrint loop, as its documentation shows it, making the same PDF/A-3a."""

import sys
from pathlib import Path

import weasyprint

folder = Path(sys.argv[1])
base = sys.argv[2]
for page in sorted((folder / "html").glob("*.body")):
    weasyprint.HTML(string=page.read_text(encoding="utf-8"), base_url=base).write_pdf(
        folder / "out" / f"{page.stem}.pdf",
        stylesheets=[folder / "style.css"],
        pdf_variant="pdf/a-3a",
    )
