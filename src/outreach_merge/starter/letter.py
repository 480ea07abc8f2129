"""A new letter in a campaign: its definition and a template in every language, with comments."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from outreach_merge.definitions import CampaignSettings, LetterDefinition, LocalizedText
from outreach_merge.errors import UsageError
from outreach_merge.files import is_safe_name, write_atomically
from outreach_merge.model import Recipient
from outreach_merge.protocol import Protocol

_DEFINITION = """\
# docs/write-a-letter.md explains every key; `outreach-merge schema letter` is for your editor.
# A line that begins with # and a key is a suggestion: take the # away to use it.

# What this letter is, for lists and reports.
title = {title}

# The number on the letter; it may hold {{id}} {{state}} {{kind}} {{group}} {{year}}.
reference = {reference}
date = {date}

# Of [letterheads] and [signatories] in campaign.toml; known: {letterheads}; {signatories}.
letterhead = {letterhead}
signatories = {signatory}
# wet (room for ink), image (a picture), digital, or image+digital.
signature = "wet"
# signatures_stand = "below"     # two signatures: beside (usual) or below each other

# A note in the third person holds its own courtesies; it is stamped, not signed.
# person = "third"
# stamp = "mission"

# Of [enclosures] in campaign.toml; `generate --with-enclosures` puts them into the file.
# enclosures = ["toolkit"]
# enclosures_travel = "pages"    # attachments (usual) or pages

# How it travels, for rows that do not say.
# channel = "post"

# Where a row has a courtesy_language: a document of its own (usual), pages, or none.
# courtesy = "none"

# More pages than this are reported.
pages = 2

# Whom it goes to. To begin with one state, so that one letter is made: take `state` away when the
# text is right. Also: status, group, channel, where = {{ your_column = ["cell"] }}.
[recipients]
kind = {kind}
{state}
# carries = "presidential"       # transmits another letter, to the mission or consulate
# event = "spoke"                # only states of which the register says so

# A meeting gives {{{{ meeting.date }}}}, {{{{ meeting.time }}}} and {{{{ meeting.local_time }}}},
# and a calendar file beside each letter.
# [meeting]
# start = 2021-07-13T13:00:00
# time_zone = "Europe/Zurich"
# minutes = 90
# registration = "office@example.org"

[place]
{place}

[subject]
{subject}
"""

_TEMPLATE = """\
{{% extends "letter.html" %}}
{{# The paragraphs only: the page prints letterhead, address, salutation, close and signatures.
   `outreach-merge variables` lists what may stand in braces. #}}
{{% block body %}}
<p>[{language}: what the letter has to say to {{{{ recipient.you }}}}.]</p>
{{% if state.signatory %}}
<p>[Only to a state that has signed: {{{{ state.name }}}}.]</p>
{{% else %}}
<p>[Only to a state that has not signed: {{{{ state.name }}}}.]</p>
{{% endif %}}
{{% endblock %}}
{{# An annex begins a page of its own, with page numbers of its own:
{{% block annex %}}<h2>Programme</h2> ...{{% endblock %}} #}}
"""


@dataclass(frozen=True, slots=True)
class StarterContext:
    """The campaign a new letter is written for."""

    folder: Path
    settings: CampaignSettings
    letters: Mapping[str, LetterDefinition]
    recipients: Sequence[Recipient]
    protocol: Protocol


def new_letter(campaign: StarterContext, name: str, title: str, today: dt.date) -> list[Path]:
    """Write the skeleton of a letter; returns the files written.

    :param name: of the definition's file and of the folder of templates.
    :param today: the date the letter bears until it is given another.
    :raises UsageError: a name that cannot be a file's, or a letter that exists already.
    :raises MachineError: when it cannot be written.
    """
    if not is_safe_name(name):
        raise UsageError(
            f'"{name}" cannot be a file name everywhere.', "Use letters, digits and '-'."
        )
    folder = campaign.folder
    definition = folder / "letters" / f"{name}.toml"
    templates = folder / "templates" / name
    for path in (definition, templates):
        if path.exists():
            raise UsageError(f"{path.relative_to(folder)} exists already.", "Choose another name.")
    files = {definition: _definition(campaign, name, title, today)}
    for language in campaign.settings.languages:
        english = str(campaign.protocol.language(language).settings["english_name"])
        files[templates / f"{language}.html"] = _TEMPLATE.format(language=english)
    for path, text in files.items():
        write_atomically(path, text.encode())
    return list(files)


def _definition(campaign: StarterContext, name: str, title: str, today: dt.date) -> str:
    settings = campaign.settings
    example = next((row for row in campaign.recipients if not row.hold), None)
    languages = settings.languages
    places = [_texts(letter.place, languages) for letter in campaign.letters.values()]
    subject = dict.fromkeys(languages, title)
    return _DEFINITION.format(
        title=_quoted(title),
        reference=_quoted(f"{settings.code.upper()}/{name.upper()}/{today.year}/{{id}}"),
        date=today.isoformat(),
        letterheads=", ".join(settings.letterheads) or "none",
        signatories=", ".join(settings.signatories) or "none",
        letterhead=_quoted(next(iter(settings.letterheads), "")),
        signatory=json.dumps(list(settings.signatories)[:1]),
        kind=json.dumps([example.kind.value if example else "head_of_state"]),
        state=f"state = {json.dumps([example.state])}" if example else '# state = ["KEN"]',
        place=_table(max(places, key=_known, default=dict.fromkeys(languages, "Geneva"))),
        subject=_table(subject),
    )


def _texts(text: LocalizedText, languages: tuple[str, ...]) -> dict[str, str]:
    return {code: text.get(code) or "" for code in languages}


def _known(texts: Mapping[str, str]) -> int:
    """How many languages have a text."""
    return sum(map(bool, texts.values()))


def _table(texts: Mapping[str, str]) -> str:
    return "\n".join(f"{code} = {_quoted(text)}" for code, text in texts.items())


def _quoted(text: str) -> str:
    """A TOML string; JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False)
