"""Cells and templates can say anything; they can do nothing."""

from __future__ import annotations

import http.server
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from folders import CampaignFolder, pdf_text
from judges import require, run

MakeCampaign = Callable[..., CampaignFolder]
ENGLISH = "templates/invitation/en.html"
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
    '<rect width="20" height="20" fill="#0a0"/></svg>'
)


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine, and the requests it saw."""
    seen: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/svg+xml")
            self.end_headers()
            self.wfile.write(PICTURE.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}", seen
        httpd.shutdown()


# cells


def test_cells_are_printed_as_they_stand(
    make_campaign: MakeCampaign, server: tuple[str, list[str]]
) -> None:
    require("pdftotext")
    url, seen = server
    cells = {
        "name": f'<b>Bold</b> <img src="{url}/name.svg"> & <script>alert(1)</script>',
        "address": "</p><style>p{color:red;display:none}</style>",
        "city": f"@import url({url}/city.css); file:///etc/passwd",
        "style": "",
        "my_note": "' onerror='x' \" {state.of} {name} ${HOME} `id` %s",
    }
    campaign = make_campaign({"state": "KEN", "gender": "m", **cells})
    campaign.replace(ENGLISH, "{{ state.the }}", "[{{ recipient.extra.my_note }}]")
    campaign.ok("generate", "--jobs", "1")
    (path,) = campaign.pdfs()
    text = pdf_text(path)
    for cell in (cells["name"], *cells["address"].splitlines(), cells["city"], cells["my_note"]):
        assert "".join(cell.split()) in "".join(text.split()), text
    assert "root:" not in text
    assert seen == []
    # Bold would be a face of its own; the name in the address is set in the text's own.
    html = campaign.ok("preview", "invitation", "KEN", "--html").out.strip()
    page = Path(html).read_text(encoding="utf-8")
    assert "<b>Bold" not in page
    assert "<script>" not in page
    assert f'src="{url}' not in page


def test_a_cell_is_no_template(make_campaign: MakeCampaign) -> None:
    # A letter that shows braces is held back: somebody forgot to fill something in.
    cell = "{{ 7 * 7 }} {% include 'secret' %} {# note #}"
    campaign = make_campaign({"state": "KEN", "city": cell})
    assert cell in campaign.ok("preview", "invitation", "KEN", "--text").out
    done = campaign("generate", "--json")
    assert [problem["code"] for problem in done.json()["problems"]] == ["leftover-marker"]
    (path,) = campaign.ok("preview", "invitation", "KEN").out.splitlines()
    assert "".join(cell.split()) in "".join(pdf_text(Path(path)).split())


def test_a_cell_cannot_put_a_picture_behind_an_attribute(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign({"state": "KEN", "my_note": '" onload="x" style="display:none'})
    campaign.replace(ENGLISH, "<p>I have", '<p title="{{ recipient.extra.my_note }}">I have')
    out = campaign.ok("preview", "invitation", "KEN", "--html").out.strip()
    page = Path(out).read_text(encoding="utf-8")
    assert 'style="display:none' not in page


def test_cells_are_text_in_the_exported_log(make_campaign: MakeCampaign, tmp_path: Path) -> None:
    import openpyxl

    formula = '=HYPERLINK("http://example.org","x")'
    campaign = make_campaign({"state": "KEN", "name": formula, "bearer": "@SUM(1+1)"})
    campaign.ok("generate")
    campaign.ok("log", "export", "--format", "xlsx", "--to", str(tmp_path / "log.xlsx"))
    sheet = openpyxl.load_workbook(tmp_path / "log.xlsx").worksheets[0]
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row]
    assert formula in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b", "d", "inlineStr"}
    campaign.ok("log", "export", "--format", "csv", "--to", str(tmp_path / "log.csv"))
    text = (tmp_path / "log.csv").read_text(encoding="utf-8-sig")
    for cell in ("=HYPERLINK", "@SUM"):
        before = text[text.index(cell) - 1]
        assert before not in ',"\n', f"{cell!r} would run when a spreadsheet opens the file"


# what the typesetter reads


def outside(campaign: CampaignFolder, url: str) -> dict[str, str]:
    """Ways to name what lies outside the campaign folder."""
    beside = campaign.path.parent / "beside.svg"
    beside.write_text(PICTURE)
    link = campaign.file("templates/link.svg")
    link.symlink_to(beside)
    folder = campaign.file("templates/folder")
    folder.symlink_to(campaign.path.parent, target_is_directory=True)
    return {
        "a file of the machine": "file:///etc/passwd",
        "a path upwards": "../beside.svg",
        "an encoded path upwards": "templates/%2e%2e/%2e%2e/beside.svg",
        "an absolute path": str(beside),
        "a file beside": beside.as_uri(),
        "a link that leads out": "templates/link.svg",
        "a folder that leads out": "templates/folder/beside.svg",
        "the network": f"{url}/picture.svg",
        "the network, without its scheme": f"{url.removeprefix('http:')}/picture.svg",
    }


def test_nothing_outside_the_campaign_is_read(
    campaign: CampaignFolder, server: tuple[str, list[str]]
) -> None:
    url, seen = server
    body = campaign.read(ENGLISH)
    ways = outside(campaign, url)
    pictures = "".join(f'<img src="{src}" alt="x">' for src in ways.values())
    campaign.write(ENGLISH, body.replace("{{ state.the }}", pictures))
    done = campaign("generate", "--jobs", "1")
    assert done.code == 1
    assert campaign.pdfs() == []
    for way, src in ways.items():
        name = src.rpartition("/")[2]
        assert name in done.err, way
    # A path upwards, an absolute one and a URL may mean the same file: it is named once.
    assert len(re.findall(r"the image \S+ cannot be read", done.err)) == 7
    assert seen == []


def test_a_picture_in_the_campaign_is_read(campaign: CampaignFolder) -> None:
    campaign.write("templates/picture.svg", PICTURE)
    campaign.replace(ENGLISH, "{{ state.the }}", '<img src="templates/picture.svg" alt="x">')
    campaign.ok("generate", "--jobs", "1")


ELSEWHERE = (
    '<link rel="stylesheet" href="{url}/link.css">',
    "<style>@import url({url}/import.css);</style>",
    "<style>@font-face {{ font-family: X; src: url({url}/font.woff) }} p {{ font-family: X }}</style>",
    '<p style="background: url({url}/background.svg)">x</p>',
    "<ul><li style=\"list-style: url('{url}/list.svg')\">x</li></ul>",
    "<p style=\"content: url('{url}/content.svg')\">x</p>",
    '<object data="{url}/object.svg"></object>',
    '<embed src="{url}/embed.svg">',
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    '<image href="{url}/within.svg" width="9" height="9"/></svg>',
    '<a rel="attachment" href="{url}/attachment">x</a>',
    '<link rel="attachment" href="{url}/linked-attachment">',
    '<a rel="attachment" href="file:///etc/passwd">x</a>',
    '<link rel="attachment" href="file:///etc/hostname">',
)


@pytest.mark.parametrize(
    "markup", ["".join(ELSEWHERE), '<base href="{url}/"><img src="relative.svg" alt="x">']
)
def test_no_other_way_leads_out(
    campaign: CampaignFolder, server: tuple[str, list[str]], markup: str
) -> None:
    require("qpdf")
    url, seen = server
    campaign.replace(ENGLISH, "{% block body %}", "{% block body %}" + markup.format(url=url))
    campaign("preview", "invitation", "KEN")
    assert seen == []
    pdf = campaign.file("output/preview/invitation-KEN-head_of_state-en.pdf")
    if pdf.exists():
        attached = run("qpdf", "--list-attachments", str(pdf))
        assert "passwd" not in attached
        assert "hostname" not in attached


def test_a_picture_with_a_reference_within_reads_nothing_either(
    campaign: CampaignFolder, server: tuple[str, list[str]]
) -> None:
    url, seen = server
    campaign.write(
        "templates/emblem.svg",
        '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY secret SYSTEM "file:///etc/passwd">'
        f'<!ENTITY far SYSTEM "{url}/entity">]>'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="90" height="20"><image xlink:href="{url}/in-picture.svg" width="9" height="9"/>'
        "<text y='9'>&secret;&far;</text></svg>",
    )
    campaign.replace(ENGLISH, "{{ state.the }}", '<img src="templates/emblem.svg" alt="x">')
    campaign("preview", "invitation", "KEN")
    assert seen == []
    pdf = campaign.file("output/preview/invitation-KEN-head_of_state-en.pdf")
    if pdf.exists():
        assert "root:" not in pdf_text(pdf)


# templates

ESCAPES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ state.__init__.__globals__ }}",
    "{{ recipient.__class__ }}",
    "{{ date.__self__ }}",
    "{{ date.__func__.__globals__ }}",
    "{{ _.__self__ }}",
    "{{ recipient.forms.__class__ }}",
    "{{ self.__init__ }}",
    "{{ cycler.__init__.__globals__.os.environ }}",
    "{{ ''['__class__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ '{0.__class__}'.format(state) }}",
    "{{ '{a.__class__}'.format_map({'a': state}) }}",
    "{{ recipient.extra.__class__ }}",
    "{{ recipient.extra.update({'a': 'b'}) }}",
    "{{ issues.append('x') }}",
    "{{ range(100000000) }}",
]


@pytest.mark.parametrize("expression", ESCAPES)
def test_templates_cannot_reach_into_the_program(campaign: CampaignFolder, expression: str) -> None:
    campaign.replace(ENGLISH, "{{ state.the }}", expression)
    (found,) = campaign.problems()
    assert found["file"] == ENGLISH
    assert found["row"] == 3
    assert found["code"] in ("template-error", "unknown-variable")


@pytest.mark.parametrize(
    "name",
    ["../../campaign.toml", "/etc/passwd", "../recipients.csv", "folder/../../campaign.toml"],
)
def test_templates_include_templates_alone(campaign: CampaignFolder, name: str) -> None:
    campaign.replace(ENGLISH, "{{ state.the }}", f'{{% include "{name}" %}}')
    assert campaign.problem("missing-template")["row"] == 3


def test_a_link_among_the_templates_does_not_lead_out(campaign: CampaignFolder) -> None:
    secret = campaign.path.parent / "secret.html"
    secret.write_text("the secret")
    campaign.file("templates/secret.html").symlink_to(secret)
    campaign.replace(ENGLISH, "{{ state.the }}", '{% include "secret.html" %}')
    assert "the secret" not in campaign("preview", "invitation", "KEN", "--text").out


def test_css_variables_of_the_campaign_cannot_open_a_rule(
    campaign: CampaignFolder, server: tuple[str, list[str]]
) -> None:
    url, seen = server
    campaign.write(
        "campaign.toml",
        campaign.read("campaign.toml")
        + f'\n[page.variables]\naccent = "red;}} p {{ background: url({url}/css.svg) "\n',
    )
    done = campaign("preview", "invitation", "KEN")
    assert done.code == 3
    assert '"page.variables.accent"' in done.err
    assert "one CSS value" in " ".join(done.err.split())
    assert seen == []


# output


@pytest.mark.parametrize("folder", ["../elsewhere", "/tmp/elsewhere-of-outreach", "a/../../b"])
def test_the_output_stays_in_the_campaign(campaign: CampaignFolder, folder: str) -> None:
    campaign.replace("campaign.toml", "issues = []", f'issues = []\noutput = "{folder}"')
    done = campaign("generate")
    assert done.code == 3
    assert "inside the campaign folder" in done.err
    assert not (campaign.path / folder).exists()


def test_a_letter_s_name_stays_in_the_output(campaign: CampaignFolder) -> None:
    campaign.file("letters/invitation.toml").rename(campaign.file("letters/a..toml"))
    assert campaign.problem("unsafe-name")["file"] == "letters/a..toml"
