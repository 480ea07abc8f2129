"""Set the placeholders of the sample's enclosures: templates/enclosures -> letters/enclosures.

Run it from the top of the repository after a text was changed: python scripts/make_enclosures.py
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from outreach_merge.campaign import read_settings
from outreach_merge.files import sha256, write_atomically
from outreach_merge.model import ComposedLetter, Kind, PlannedLetter, Recipient, Status
from outreach_merge.protocol import Protocol
from outreach_merge.typeset import Typesetter

ROOT = Path(__file__).resolve().parents[1]
DATE = dt.date(2021, 7, 27)

PAGE = """<!DOCTYPE html>
<html lang="{language}" dir="{direction}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="author" content="outreach-merge">
<meta name="dcterms.created" content="{date}">
<style>h1 {{ font-size: 1.5em; margin: 40mm 0 8mm; text-align: start }}</style></head>
<body><main>{text}</main></body></html>"""


def main() -> None:
    typesetter = Typesetter(ROOT, read_settings(ROOT))
    protocol = Protocol.load(ROOT)
    for source in sorted((ROOT / "templates" / "enclosures").glob("*/*.html")):
        name, language = source.parent.name, source.stem
        text = source.read_text(encoding="utf-8")
        found = re.search(r"<h1>(.*?)</h1>", text)
        assert found is not None, source
        html = PAGE.format(
            language=language,
            direction=protocol.language(language).direction,
            title=found[1],
            date=DATE.isoformat(),
            text=text,
        )
        nobody = Recipient(name, "SLE", Kind.MISSION, "permanent_mission", language, Status.PARTY)
        planned = PlannedLetter("enclosures", nobody, language, "", DATE, None)
        typeset = typesetter.typeset(ComposedLetter(planned, html, found[1], sha256(html.encode())))
        assert not typeset.findings, typeset.findings
        write_atomically(ROOT / "letters" / "enclosures" / name / f"{language}.pdf", typeset.pdf)


if __name__ == "__main__":
    main()
