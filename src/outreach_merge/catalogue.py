"""The catalogue of problems: every kind once, with its code, message, remedy and severity.

The rooms write ``catalogue.UNKNOWN_GENDER.at("recipients.csv", 3, "gender", cell="x")``.
``docs/problems.md`` is made from this file. Codes are read by users' scripts: they do not change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from string import Formatter

from outreach_merge.model import Problem, Severity

_PLACE = frozenset({"file", "row", "column", "letter"})


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What a kind of problem is and how it is reported.

    ``message`` and ``remedy`` are templates for :meth:`str.format`; beside the fields of their own
    they may name those of the place: ``{file}``, ``{row}``, ``{column}``, ``{letter}``.

    :param code: what ``--json`` prints; several wordings may share one.
    :param meaning: what is wrong, in one sentence for the docs.
    """

    code: str
    meaning: str
    message: str
    remedy: str = ""
    severity: Severity = Severity.ERROR

    @property
    def fields(self) -> frozenset[str]:
        """Names of the fields that the templates need beside those of the place."""
        parts = (*Formatter().parse(self.message), *Formatter().parse(self.remedy))
        return frozenset(name for _, name, _, _ in parts if name) - _PLACE

    def at(
        self,
        file: str | Path = "",
        row: int | None = None,
        column: str = "",
        *,
        letter: str = "",
        **fields: object,
    ) -> Problem:
        """The problem at its place; parameters as in :class:`~outreach_merge.model.Problem`.

        :param fields: exactly those that the templates name.
        :raises TypeError: a field is missing, or one is given that no template names.
        """
        if fields.keys() != self.fields:
            raise TypeError(f"{self.code} needs {sorted(self.fields)}, got {sorted(fields)}")
        values = {"file": file, "row": row, "column": column, "letter": letter, **fields}
        return Problem(
            code=self.code,
            message=self.message.format_map(values).strip(),
            remedy=self.remedy.format_map(values).strip(),
            severity=self.severity,
            file=str(file),
            row=row,
            column=column,
            letter=letter,
        )

    def worded(
        self, message: str = "", remedy: str | None = None, severity: Severity | None = None
    ) -> ProblemKind:
        """The same kind in other words, where they say better what is wrong."""
        return replace(
            self,
            message=message or self.message,
            remedy=self.remedy if remedy is None else remedy,
            severity=severity or self.severity,
        )


def every_kind() -> Iterator[ProblemKind]:
    """All kinds in all their wordings, in the order of this file."""
    for value in globals().values():
        if isinstance(value, ProblemKind):
            yield value
        elif isinstance(value, Mapping):
            yield from (kind for kind in value.values() if isinstance(kind, ProblemKind))


_WARNING = Severity.WARNING

# fmt: off
# ------------------------------------------------------------------ files

MISSING_FILE = ProblemKind("missing-file", "A file that is needed does not exist.",
    "the file does not exist.", "Create it.")
UNREADABLE_FILE = ProblemKind("unreadable-file", "A file cannot be read.",
    "the file cannot be read: {reason}.", "Check its permissions.")
NOT_UTF8 = UNREADABLE_FILE.worded("the file is not UTF-8 text.",
    'Save it as UTF-8 (in most editors: "Save with encoding").')
TREATY_FILE_UNREADABLE = UNREADABLE_FILE.worded(remedy="Save it as UTF-8.")
TOML_SYNTAX = ProblemKind("toml-syntax", "A .toml file does not follow the rules of TOML.",
    "the file is not valid TOML: {reason}.",
    "Look at this line and the one above: texts stand in quotation marks, lists in [ ].")
UNKNOWN_KEY = ProblemKind("unknown-key", "A .toml file has a key that the program does not know.",
    "there is no such key.", "{suggestion}")
MISSING_KEY = ProblemKind("missing-key", "A .toml file lacks a key.",
    "the key is missing.", "Add it.")
WRONG_VALUE = ProblemKind("wrong-value", "A key of a .toml file has a value that it cannot have.",
    "{value} is wrong: {reason}.", "Correct it.")
UNKNOWN_VALUE = WRONG_VALUE.worded("{value} is not one of the values there are.", "{suggestion}")
NOT_A_DATE = WRONG_VALUE.worded("{value} is not a date.",
    "Write it as 2021-07-27, without quotation marks.")
NOT_A_TEXT = WRONG_VALUE.worded("{value} is not a text.",
    'Write "a text" in quotation marks, or one for each language: {{ en = "a text" }}.')
NOT_A_LIST = WRONG_VALUE.worded("{value} is not a list.", "Write it as a list: [{value}].")
NOT_A_NAME = WRONG_VALUE.worded("{value} cannot be a name.",
    "Use small letters, digits and '-'.")
NOT_IN_PATTERN = WRONG_VALUE.worded("{value} does not fit the pattern {pattern}.", "Correct it.")

# ------------------------------------------------------------------ tables

EMPTY_FILE = ProblemKind("empty-file", "A table has no rows.",
    "the file is empty.", "Write a header row and rows.")
EMPTY_SHEET = EMPTY_FILE.worded("the first sheet is empty.")
HEADER_ALONE = EMPTY_FILE.worded("there is a header but no row.", "Add recipients.")
NOT_CSV = ProblemKind("not-csv", "A table cannot be read as CSV.",
    "this is not a CSV file.", "Save the table as CSV (UTF-8) and try again.")
WORKBOOK_NAMED_CSV = NOT_CSV.worded("this is a spreadsheet workbook, not a CSV file.",
    "Give it its ending back (.xlsx or .ods) and name it in campaign.toml: "
    'recipients = "recipients.xlsx".')
CSV_SYNTAX = NOT_CSV.worded("the file cannot be read as CSV from here on: {reason}.",
    "Look for a quotation mark that is not closed, or is not doubled inside a quoted cell.")
NOT_A_WORKBOOK = ProblemKind("not-a-workbook", "A workbook (XLSX, ODS) cannot be read.",
    "the file cannot be read as a workbook: {reason}.", "Save it again.")
UNKNOWN_ENCODING = ProblemKind("unknown-encoding", "A table's encoding cannot be recognised.",
    "the file is in an encoding that cannot be recognised.",
    "Save the table as CSV (UTF-8) and try again.")
ERROR_CELL = ProblemKind("error-cell", "A workbook's cell holds an error, as #REF!.",
    "the cell holds an error: {error}.",
    "Mend its formula in the spreadsheet, or write the value itself.")
TOO_MANY_CELLS = ProblemKind("too-many-cells", "A row has more cells than the header.",
    "the row has {cells} cells, the header {columns}.",
    "Put cells that hold the separator in quotation marks.")
DUPLICATE_COLUMN = ProblemKind("duplicate-column", "A column stands in the header twice.",
    'the column "{column}" stands in the header more than once.', "Keep one of them.")
MISSING_COLUMN = ProblemKind("missing-column", "A table lacks a column that it must have.",
    'the column "{column}" is missing.', "Add it to the header. {suggestion}")
MISSING_TREATY_COLUMN = MISSING_COLUMN.worded(
    "these columns are missing: {missing}.", "The columns are {columns}.")
UNKNOWN_COLUMN = ProblemKind("unknown-column",
    "A table has a column that the program does not know.",
    'the column "{column}" is not known.',
    'Did you mean "{near}"? As it is, templates see it as recipient.extra.{column}.', _WARNING)
UNKNOWN_DELIVERIES_COLUMN = UNKNOWN_COLUMN.worded(
    'there is no column "{column}" in a file of deliveries.', "{suggestion}", Severity.ERROR)

# ------------------------------------------------------------------ recipients

BLANK_CELL = ProblemKind("blank-cell", "A cell that must be filled is blank.",
    "the cell is blank.", "Fill it in.")
NO_STATUS = BLANK_CELL.worded("no row of {state} gives the state's status.",
    "Write party, signatory or not_joined.")
UNKNOWN_STATE = ProblemKind("unknown-state", "A cell names no state that the program knows.",
    '"{cell}" is not a state we know.', "{suggestion}")
AMBIGUOUS_STATE = ProblemKind("ambiguous-state",
    "A name can mean more than one state or territory.",
    '"{cell}" can mean more than one: {listed}.', "{suggestion}")
NOT_A_STATE = ProblemKind("not-a-state",
    "A name is known, but not of a state that can be written to.",
    '"{cell}"{also} is not a state that can be written to{reason}.', "{suggestion}")
#: Column -> the cell holds none of the codes that it may hold.
UNKNOWN_IN_COLUMN: Mapping[str, ProblemKind] = {
    column: ProblemKind(f"unknown-{noun}", f"A cell or key names no {noun} that is known.",
        f'there is no {noun} "{{cell}}".', "{suggestion}")
    for column, noun in {
        "kind": "kind", "status": "status", "channel": "channel", "office": "office",
        "language": "language", "courtesy_language": "language", "issues": "issue",
        "honorific": "honorific", "style": "style",
    }.items()
}
UNKNOWN_LANGUAGE = UNKNOWN_IN_COLUMN["language"].worded(
    remedy="Known: {known}. See docs/add-a-language.md.")
UNKNOWN_GENDER = ProblemKind("unknown-gender", "A cell holds no gender.",
    'there is no gender "{cell}".', "Write f or m.")
UNKNOWN_ANSWER = ProblemKind("unknown-answer", "A cell of the recipients says neither yes nor no.",
    '"{cell}" is neither yes nor no.', "Write yes or no.")
OFFICE_OF_OTHER_KIND = ProblemKind("office-of-other-kind",
    "The office in a row is not one that its kind of recipient holds.",
    'no {kind} holds the office "{office}".',
    "Correct the office, or write the kind {kinds}.")
UNSAFE_ID = ProblemKind("unsafe-id", "An id cannot be used as a file name.",
    '"{cell}" cannot be used as a file name on every system.',
    "Use letters, digits, '-', '_' and '.'.")
DUPLICATE_ID = ProblemKind("duplicate-id", "Two rows have the same id.",
    'row {first} has the id "{id}" already.', "Give each row an id of its own, in the column id.")
#: Column -> rows of one state contradict each other.
CONFLICTING_FACTS: Mapping[str, ProblemKind] = {
    column: ProblemKind(f"conflicting-{column}", f"Rows of one state give it a different {column}.",
        '"{cell}" here, but "{other}" for the same state in row {first}.',
        "Write the same in both, or leave one blank.")
    for column in ("group", "issues", "status")
}

# ------------------------------------------------------------------ campaign.toml and letters

MISSING_TRANSLATION = ProblemKind("missing-translation",
    "A text is not given in a language that letters are written in.",
    '"{key}" has no text for "{language}".', "Add a text for {language}.")
MISSING_PICTURE = ProblemKind("missing-picture", "A picture does not exist or cannot be read.",
    '"{column}" names {path}, which does not exist.', "Put the file there or correct the path.")
PICTURE_NOT_LOADED = MISSING_PICTURE.worded("the image {path} cannot be read.",
    "Put the picture below the campaign folder; nothing else is read.")
MISSING_ENCLOSURE = ProblemKind("missing-enclosure", "A letter's enclosure has no file.",
    '"{column}" names {path}, which does not exist.', "Put the file there or correct the path.")
NO_ENCLOSURE_IN_LANGUAGE = MISSING_ENCLOSURE.worded(
    'the enclosure "{key}" has no file in "{language}" or in a fallback language.',
    "Add one to [enclosures.{key}.files].")
ENCLOSURE_TOO_LARGE = ProblemKind("enclosure-too-large",
    "An enclosure is larger than the campaign allows.",
    "{name} has {size:.1f} MB, the campaign allows {largest:g}.",
    "Make it smaller, or raise enclosure_max_mb in campaign.toml.")
ENCLOSURE_NOT_PDF = ProblemKind("enclosure-no-pdf", "An enclosure is not a PDF that can be read.",
    "{name} is not a PDF that can be read.", "Save it as PDF.")
ENCLOSURE_WITHOUT_PAGE = ENCLOSURE_NOT_PDF.worded("{name} has no page.", "Save it again.")
ENCLOSURE_ENCRYPTED = ProblemKind("enclosure-encrypted", "An enclosure is encrypted.",
    "{name} is encrypted: it could not be read in an archive.", "Save it without a password.")
NO_LETTER = ProblemKind("no-letter", "The campaign has no letter.",
    "there is no letter.", "Write letters/<name>.toml.")
UNSAFE_NAME = ProblemKind("unsafe-name", "The name of a letter's file cannot name a folder.",
    "the name of this file cannot be used as the name of a folder.",
    "Rename it: letters, digits, '-', '_' and '.'.")
#: Key of a letter -> it names something that campaign.toml does not define.
NOT_IN_CAMPAIGN: Mapping[str, ProblemKind] = {
    key: ProblemKind(f"unknown-{key}",
        f"The key {key} of a letter names something that campaign.toml does not define.",
        '"{name}" is not defined in campaign.toml.', "Known: {known}.")
    for key in ("letterhead", "signatories", "enclosures", "stamp", "languages")
}
TWO_SOURCES = ProblemKind("two-sources", "A letter's recipients are chosen in two ways at once.",
    "its recipients are chosen by another letter and by an event at once.",
    "Keep carries or event.")
UNKNOWN_TIME_ZONE = ProblemKind("unknown-time-zone", "A meeting's time zone does not exist.",
    'there is no time zone "{zone}".', "Write its IANA name, as Europe/Zurich.")
NO_SUCH_TIME = ProblemKind("no-such-time",
    "A meeting begins in the hour that is left out when the clocks go forward.",
    "{start} does not exist in {zone}: the clocks go forward over it.", "Choose another hour.")
TIME_TWICE = ProblemKind("time-twice",
    "A meeting begins in the hour that comes twice when the clocks go back.",
    "{start} comes twice in {zone}: the clocks go back over it.",
    "Say which: {first} is the first.")
UNKNOWN_LETTER = ProblemKind("unknown-letter", "A letter is named that does not exist.",
    'there is no letter "{name}" that this one could carry.', "Known: {known}.")
LETTER_CARRIES_ITSELF = ProblemKind("letter-carries-itself",
    "Letters carry each other in a circle.",
    "it carries itself: {chain}.", "Let one of them take its recipients from the CSV.")

# ------------------------------------------------------------------ the plan

NO_CARRIER = ProblemKind("no-carrier", "There is no mission or consulate to carry a letter.",
    "{letter} travels {channel}, but no row of the kind {kind} of {state} passes the filters of "
    "this letter.", "Add a row for the {kind}, or change the letter's channel.")
CARRIES_TWO = ProblemKind("carries-two", "A letter would carry two letters at once.",
    "{recipient} would transmit {first} and {letter} in one letter.",
    "Write a definition for each, with filters that separate them.")
NO_ROW_FOR_EVENT = ProblemKind("no-row-for-event",
    "The register has an event on a state that no row of the recipients names.",
    'the register says "{event}" of {state}, but no row of it passes the filters of this letter.',
    "Add a row, or widen the filters.", _WARNING)
LANGUAGE_NOT_IN_LETTER = ProblemKind("language-not-in-letter",
    "A recipient is to be written to in a language that the letter does not have.",
    'the letter "{name}" is not written in "{language}".',
    "Add it to languages in letters/{name}.toml, or change the cell.")
NO_RECIPIENT = ProblemKind("no-recipient", "Nobody gets a letter.",
    "no row passes its filters, so nobody gets this letter.",
    "Widen [recipients], or add rows.", _WARNING)
NO_STATE_IN_REVIEW = ProblemKind("no-state-in-review", "A review session names no state.",
    'no row has "{session}" in the column "{key}": the session names no state.',
    "Write it in the rows of the states under review, or take the session out.")
WRONG_DATE = ProblemKind("wrong-date", "A cell that a letter reads as a date holds none.",
    '"{cell}" is not a date.', "Write it as 2020-07-28.")
DUPLICATE_REFERENCE = ProblemKind("duplicate-reference", "Two letters have the same reference.",
    '"{reference}" is also the reference of {other}.', "Use {{id}} in the reference pattern.")

# ------------------------------------------------------------------ templates

MISSING_TEMPLATE = ProblemKind("missing-template", "A template does not exist.",
    "templates/{name} does not exist.", "Write that file, or correct its name here.")
NO_TEMPLATE_IN_LANGUAGE = MISSING_TEMPLATE.worded(
    'the letter "{letter}" has no template for "{language}".',
    "Write it, or change the language of the recipients.")
TEMPLATE_SYNTAX = ProblemKind("template-syntax", "A template has a tag that cannot be read.",
    "{reason}", "Correct the tag on that line.")
UNKNOWN_VARIABLE = ProblemKind("unknown-variable",
    "A template names a variable that does not exist.",
    "{reason}", "{page} lists every variable.")
TEMPLATE_ERROR = ProblemKind("template-error", "A template cannot be filled.",
    "{reason}", "{page} lists every variable.")
TEMPLATE_LINE_FAILS = TEMPLATE_ERROR.worded("this line fails: {reason}",
    "Correct what stands in {{{{ }}}} or {{% %}}; {page} lists every variable.")

# ------------------------------------------------------------------ languages

PROTOCOL_GAP = ProblemKind("protocol-gap", "The data of a language lack something, or are wrong.",
    "the file cannot be read: {reason}.", "Correct or restore it.")
TABLE_NOT_UTF8 = PROTOCOL_GAP.worded(remedy="Save it as UTF-8 text.")
LANGUAGE_FILE_MISSING = PROTOCOL_GAP.worded(
    "the file is missing.", "Write it; see docs/add-a-language.md.")
NO_SUCH_LANGUAGE = PROTOCOL_GAP.worded(
    'there is no language "{language}".', "Known: {known}. See docs/add-a-language.md.")
LANGUAGE_COLUMN_MISSING = PROTOCOL_GAP.worded(
    'the column "{name}" is missing.', "Add it to the header.")
NO_STATE_ROW = PROTOCOL_GAP.worded(
    "there is no row for {state}, so its name cannot be written in {language}.",
    "Add a row for {state}.")
NO_STATE_NAME = PROTOCOL_GAP.worded("{state} has no {name}.", "Fill in the cell.")
UNKNOWN_CLASS = PROTOCOL_GAP.worded(
    '{state}, {name}: class "{kind}" has no [declensions.{kind}] in language.toml.',
    "Add it or correct the class.")
NO_STATE_FORM = PROTOCOL_GAP.worded('{state}, {name}: the form "{form}" is missing.',
    'Fill in the column "{column}" or give the class a pattern for it.')
NO_CAPITAL = PROTOCOL_GAP.worded("there is no capital for {column}.",
    'Add it, or write it in a column "capital" of the recipient\'s row.')
NOT_TRANSLATED = PROTOCOL_GAP.worded('"{text}" is not translated.', "Write its msgstr.")
UNKNOWN_PLACEHOLDER = PROTOCOL_GAP.worded(
    "the placeholder {{{name}}} does not exist.", "Correct the pattern.")
UNKNOWN_PLACEHOLDER_IN_KEY = PROTOCOL_GAP.worded(
    "{key}: the placeholder {{{name}}} does not exist.", "Correct the pattern.")
UNKNOWN_PLACEHOLDER_IN_DATE = PROTOCOL_GAP.worded(
    "the placeholder {{{name}}} does not exist.", "Known: {known}.")
NO_OFFICE = PROTOCOL_GAP.worded('there is no office "{column}".', "Correct the row.")
NO_OFFICE_RULE = PROTOCOL_GAP.worded(
    'there is no rule for the office "{column}".', "Add [offices.{column}].")
NO_STYLE_RULE = PROTOCOL_GAP.worded(
    'there is no rule for the style "{style}".', "Add [ranks.{style}].")
NO_HONORIFIC = PROTOCOL_GAP.worded(
    'there is no honorific "{column}".', "Add it to [honorifics]; known: {known}.")
NO_FORM_FOR_GENDER = PROTOCOL_GAP.worded(
    '{what} has no form for gender "{gender}".', "Add {gender} = ... beside {known}.")
NO_KEY_FOR_OFFICE = PROTOCOL_GAP.worded('there is no "{column}" for the office "{office}".',
    "Add {column} to [offices.{office}], its rank or [default].")
NO_WORD = PROTOCOL_GAP.worded('[{table}] has no "{key}".', "Add it.")
NO_SETTING = PROTOCOL_GAP.worded('"{column}" is missing.', "Add it.")
SETTING_NOT_A_TEXT = PROTOCOL_GAP.worded('"{column}" is not a text.', 'Write {column} = "...".')
UNKNOWN_DIRECTION = PROTOCOL_GAP.worded(
    'there is no direction "{direction}".', "Write ltr or rtl.")
UNKNOWN_LOCALE = PROTOCOL_GAP.worded(
    'CLDR has no locale "{locale}".', "Write its code, as fr or pt-AO.")
OPTIONAL_WORDS_NOT_LISTED = PROTOCOL_GAP.worded(
    "{column} is not a list of words.", 'Write optional_words = ["the", "and"].')
NO_TABLES = PROTOCOL_GAP.worded(
    "there are no tables [{column}.<code>].", "Write one for each code.")
NO_TABLE = PROTOCOL_GAP.worded(
    "there is no table [{column}].", "Add it; docs/add-a-language.md says how.")
NO_TABLE_ENTRY = PROTOCOL_GAP.worded(
    '[{table}] has no "{key}".', "Add it: every language has it.")
NOT_TWELVE_MONTHS = PROTOCOL_GAP.worded(
    "there must be twelve months.", "List them from January on.")
MISSING_PLURAL = ProblemKind("missing-plural",
    "A text that depends on a number lacks a form that the language needs.",
    "{language} counts with the forms {needed}; {missing} is missing beside {given}.",
    "Write every form.")

# ------------------------------------------------------------------ preflight

MISSING_GLYPH = ProblemKind("missing-glyph", "No named font has a character.",
    'no font has "{character}" (U+{code:04X}, {name}); asked for: {fonts}.',
    "Name a font that has the character, or correct the text.")
FONT_SUBSTITUTED = ProblemKind("font-substituted", "Text is set in a font that nobody named.",
    '"{text}" is set in {font}, which is not among {named}.',
    "Install the font, or name another in [page.variables].")
OFF_PAGE = ProblemKind("off-page", "Text leaves the page.",
    'page {page}: "{text}" leaves {edge}.', "Shorten the line, or allow a break in it.")
TEXT_OVERLAP = ProblemKind("text-overlap", "Two texts overlap.",
    'page {page}: "{text}" and "{other}" overlap.',
    "Give them room in templates/letter.css, or shorten one.")
ADDRESS_OUTSIDE_WINDOW = ProblemKind("address-outside-window",
    "The address does not show in the window of the envelope.",
    'the address: "{text}" does not show in the window.',
    "Shorten the address, or choose another window.")
TOO_MANY_PAGES = ProblemKind("too-many-pages", "The letter has more pages than it may have.",
    "the letter has {pages}, at most {most} allowed.",
    "Shorten it, or raise pages in its definition.")
SIGNATURE_ALONE = ProblemKind("signature-alone",
    "The signature stands on a page without two lines of text.",
    "page {page}: {lines} of text above the signature.",
    "Shorten or lengthen the text by a few lines.")
SIGNATURE_SPLIT = ProblemKind("signature-split",
    "The signatures are separated by a page break.",
    "page {page}: the signatures begin on page {page} and end on page {last}.",
    "Shorten or lengthen the text by a few lines.")
WRONG_DIRECTION = ProblemKind("wrong-direction",
    "Text runs in the other direction than its script.",
    'page {page}: "{text}" runs {direction}.',
    'Set dir="rtl" or dir="ltr" where the text begins.')
LEFTOVER_MARKER = ProblemKind("leftover-marker",
    "A marker of the template, or of its author, was left in the text.",
    '{where}: "{text}".', "Fill it in or take it out.")
NAME_MISSING = ProblemKind("name-missing", "The addressee's name is not in the text.",
    '"{name}" is not in the text.', "Let the template print recipient.name or the address.")
STATE_MISSING = ProblemKind("state-missing", "The state's name is not in the text.",
    '"{name}" is not in the text.', "Let the template print state.name or one of its forms.",
    _WARNING)
UNTRANSLATED = ProblemKind("untranslated",
    "A text is in another language than the letter's.",
    '{where}: "{text}" is not in the letter\'s language ({language}).',
    "Translate it, or mark it with a lang of its own.", _WARNING)
DOUBLED_SPACE = ProblemKind("doubled-space", "Two spaces follow one another.",
    '{where}: two spaces in "{text}".', "Take one out.", _WARNING)
DOUBLED_PUNCTUATION = ProblemKind("doubled-punctuation",
    "A mark of punctuation stands twice.",
    '{where}: "{mark}" in "{text}".', "Take one out.", _WARNING)
EMPTY_PARAGRAPH = ProblemKind("empty-paragraph", "A paragraph has no text.",
    "{where}: a paragraph is empty.", "Take it out.", _WARNING)
COARSE_PICTURE = ProblemKind("coarse-picture",
    "A picture has under 300 dots an inch in print.",
    "page {page}: {name} has {dpi:.0f} dots an inch in print.",
    "Use a drawing (SVG) or a larger picture.", _WARNING)
PICTURE_UNDESCRIBED = ProblemKind("picture-undescribed",
    "A picture has no description for readers who cannot see it.",
    "{name} has no description.",
    'Describe it in alt, or write alt="" for an ornament.')
NOT_PDF_A = ProblemKind("not-pdf-a",
    "A validator finds that the file is not PDF/A-3a or not PDF/UA-1.",
    "veraPDF: not {profile}: {rules}.",
    "See which rule it names; templates with markup of their own are the usual cause.")
DAMAGED_FILE = ProblemKind("damaged-file", "A validator finds the file damaged.",
    "qpdf: {reason}.", "Make the letter again.")
#: What the preflight finds on the pages and in the words of a letter.
PREFLIGHT = (
    MISSING_GLYPH, FONT_SUBSTITUTED, OFF_PAGE, TEXT_OVERLAP, ADDRESS_OUTSIDE_WINDOW,
    TOO_MANY_PAGES, SIGNATURE_ALONE, SIGNATURE_SPLIT, WRONG_DIRECTION, LEFTOVER_MARKER,
    NAME_MISSING, STATE_MISSING, UNTRANSLATED, DOUBLED_SPACE, DOUBLED_PUNCTUATION,
    EMPTY_PARAGRAPH, COARSE_PICTURE, PICTURE_UNDESCRIBED, NOT_PDF_A, DAMAGED_FILE,
)
PAGE_IN_WRONG_DIRECTION = WRONG_DIRECTION.worded("the page runs {direction}, its language {right}.")
NO_GLYPH_IN_REPORT = MISSING_GLYPH.worded('no font of the page has "{character}" (U+{code}).')
MISSING_STYLESHEET = ProblemKind("missing-stylesheet",
    "A stylesheet does not exist or cannot be read.", "the stylesheet {path} cannot be read.",
    "Put the stylesheet below the campaign folder; nothing else is read.")
TYPESETTER = ProblemKind("typesetter", "The typesetter reports something else.",
    "{reason}.", severity=_WARNING)

# ------------------------------------------------------------------ the letters that were made

FAILED = ProblemKind("failed", "A letter could not be made because the machine failed.",
    "{reason}", "{remedy}")
FILE_MISSING = ProblemKind("file-missing", "A file that was made or attached is gone.",
    "{what} is missing.", "Restore it from a backup.")
LETTER_UNREADABLE = FILE_MISSING.worded(
    "{file} cannot be read: {reason}.", "Run outreach-merge generate.")
FILE_UNREADABLE = ProblemKind("file-unreadable", "A file that was made or attached cannot be read.",
    "{what} cannot be read: {reason}.", "Check its permissions.")
FILE_CHANGED = ProblemKind("file-changed", "A file is not the one that was made or attached.",
    "{what} is not the file that was entered.", "Restore it from a backup.")
LETTER_CHANGED = FILE_CHANGED.worded("this is not the file that was made: somebody changed it.",
    "Move it away to have the letter made again.")
LETTER_CHANGED_BEFORE_SIGNING = FILE_CHANGED.worded(
    "{file} is not the file that was made: somebody changed it.",
    "Move it away and run outreach-merge generate.")
FILE_UNKNOWN = ProblemKind("file-unknown",
    "A file is in the place where a letter is to be written.",
    "there is a file here that the register does not know.",
    "Move it away to have the letter made, or bring back the register it belongs to.")
FILE_LOST = ProblemKind("file-lost", "The file of a letter that was dispatched is gone.",
    "the letter was dispatched, its file is gone and cannot be made the same again.",
    "Bring the file back from a copy.")

# ------------------------------------------------------------------ signing

NOT_GENERATED = ProblemKind("not-generated", "A letter that is to be signed was not made.",
    "it has not been generated yet.", "Run outreach-merge generate.")
OUTDATED = ProblemKind("outdated", "A letter that is to be signed is not as it would be made now.",
    "what it is made from has changed since it was generated.",
    "Run outreach-merge generate, look at it, then sign.")
NOT_OURS = ProblemKind("not-ours", "A file that is to be signed was not made by this program.",
    "{reason}", "{remedy}")
NOT_SIGNED = ProblemKind("not-signed", "A letter could not be signed.", "{reason}", "{remedy}")
NO_TIME_STAMP = ProblemKind("no-time-stamp", "The time-stamp server did not answer.",
    "{reason}", "{remedy}")

# ------------------------------------------------------------------ the register's rules

LETTER_MOVED_ON = ProblemKind("letter-moved-on",
    "Somebody else entered something on the letter at the same time.",
    "{event}: somebody else entered something on this letter meanwhile.",
    "Run the command again; `log show` tells what happened to it.")
ENTRY_MALFORMED = ProblemKind("entry-malformed",
    "An entry lacks something, or holds a wrong value.",
    "{event}: its details cannot be kept ({reason}).", "Use text, numbers or lists.")
ENTERED_BY_NOBODY = ENTRY_MALFORMED.worded(
    "{event}: it is not said who enters it.", "Name the person or office.")
ENTRY_HOLDS_NUL = ENTRY_MALFORMED.worded(
    "{event}: it holds a character that databases cannot keep (NUL).", "Remove it.")
STATE_EVENT_NAMES_LETTER = ENTRY_MALFORMED.worded(
    "{event}: an event on a state names no letter.", "Leave letter and recipient out.")
ENTRY_WITHOUT_STATE = ENTRY_MALFORMED.worded(
    '{event}: "{state}" is not a state.', "Give an ISO 3166 alpha-3 code.")
ENTRY_WITHOUT_LETTER = ENTRY_MALFORMED.worded(
    "{event}: letter and recipient are needed.", "Name both.")
ENTRY_DIGEST = ENTRY_MALFORMED.worded(
    '{event}: "{digest}" is not a SHA-256 digest.', "Give it as 64 hexadecimal digits.")
ENTRY_WITHOUT_FILE = ENTRY_MALFORMED.worded(
    "{event}: a generated letter has a file and its digest.", "Give both.")
DATE_IN_FUTURE = ProblemKind("date-in-future", "An event is dated after today.",
    "{event} on {day} lies in the future (today is {today}).",
    "Record what has happened, when it has happened.")
LETTER_UNKNOWN = ProblemKind("letter-unknown", "An event is on a letter that was never made.",
    "there is no such letter in the register.",
    "Run generate first, or correct the letter and recipient.")
REVISION_UNKNOWN = ProblemKind("revision-unknown", "An event is on a revision that does not exist.",
    "there is no revision {revision}; the current one is {current}.",
    "Leave the revision out to mean the current one.")
LETTER_CLOSED = ProblemKind("letter-closed",
    "A letter that was signed or dispatched cannot be changed.",
    "revision {revision} was {what} and is not made again.", "Make revision {next}.")
CLOSED_WITHOUT_SIGNATURE = LETTER_CLOSED.worded(
    "it was {status} without the signature of {missing}.",
    "Change its text and generate it: it becomes a new revision.")
REVISION_OUT_OF_ORDER = ProblemKind("revision-out-of-order", "A revision's number is not the next.",
    "revision {revision} cannot follow {current}.", "The next is revision {next}.")
DATE_BEFORE_LETTER = ProblemKind("date-before-letter",
    "An event is dated before its letter was made.",
    "{event} on {day} lies before the letter existed ({existed}).", "Correct the date.")
#: Status of a letter that ends it -> nothing can follow.
LETTER_ENDED: Mapping[str, ProblemKind] = {
    status: ProblemKind(f"letter-{status}", f"An event is on a letter that was {status}.",
        f"it was {status}; {{event}} cannot follow.",
        "Make a new revision, or correct the wrong entry with `log record corrected`.")
    for status in ("superseded", "withdrawn")
}
REVISION_SUPERSEDED = LETTER_ENDED["superseded"].worded(
    "revision {revision} was superseded by revision {newest}.",
    "Record the newer revision instead.")
ALREADY_DISPATCHED = ProblemKind("already-dispatched", "A letter was dispatched before.",
    "it was dispatched already, on {day}.", "Add --again if it was really sent a second time.")
STEP_BEFORE_DISPATCH = ALREADY_DISPATCHED.worded(
    "it was dispatched on {day}; {event} comes before that.",
    "A letter that was dispatched is not changed: make a new revision.")
HALF_SIGNED = ProblemKind("half-signed", "Not everybody who is to sign a letter has signed it.",
    "not everybody who is to sign it has signed.", "Complete it first: outreach-merge sign")
DATE_OUT_OF_ORDER = ProblemKind("date-out-of-order",
    "An event is dated before one that it follows.",
    "{event} on {day} lies before its dispatch on {dispatched}.", "Correct the date.")
SECOND_DISPATCH_TOO_EARLY = DATE_OUT_OF_ORDER.worded(
    "a second dispatch on {day} lies before the first ({dispatched}).")
NOT_DISPATCHED = ProblemKind("not-dispatched",
    "An event can only follow a dispatch, and there was none.",
    "{event} cannot be recorded: the letter has not been dispatched.",
    "Record its dispatch first.")
LETTER_RETURNED = ProblemKind("letter-returned", "A letter came back, and was not sent again.",
    "it came back on {day}.", "Record that it was dispatched again first.")
ALREADY_RECORDED = ProblemKind("already-recorded", "An event is in the register already.",
    "{event} is recorded already, on {day}.",
    "If that entry is wrong, take it back with `log record corrected`.")
ALREADY_RECORDED_IN = ALREADY_RECORDED.worded(
    "{event} is recorded already, on {day} (entry {entry}).")
ENTRY_UNKNOWN = ProblemKind("entry-unknown", "An entry that is to be corrected does not exist.",
    "there is no entry {entry} to correct.", "`log show` prints the number of every entry.")
ENTRY_CORRECTED = ProblemKind("entry-corrected", "An entry was taken back before.",
    "entry {entry} was taken back already.")
ENTRY_NOT_CORRECTABLE = ProblemKind("entry-not-correctable", "An entry cannot be taken back.",
    "entry {entry} ({what}) cannot be taken back: it records a file that was made.",
    "Record the letter as superseded or withdrawn.")
CORRECTION_OUT_OF_ORDER = ProblemKind("correction-out-of-order",
    "An entry cannot be taken back before those that follow from it.",
    "entry {entry} ({what}) cannot be taken back: entry {later} ({event}) depends on it.",
    "Take entry {later} back first.")

# ------------------------------------------------------------------ deliveries to be entered

DUPLICATE_LINE = ProblemKind("duplicate-line", "Two rows of a file of deliveries say the same.",
    "row {first} says {event} {what} already.", "Remove one of the two rows.")
MISSING_CELL = ProblemKind("missing-cell", "A cell that an entry needs is blank.",
    "it is not said what happened.", "{suggestion}")
NO_ENTRY_NUMBER = MISSING_CELL.worded(
    "it is not said which entry was wrong.", "Give its number, as `log show` prints it.")
NO_STATE_NAMED = MISSING_CELL.worded("it is not said which state.", "Name the state.")
NO_LETTER_NAMED = MISSING_CELL.worded(
    "it is not said which letter.", "Give its reference, or letter and recipient.")
UNKNOWN_EVENT = ProblemKind("unknown-event", "A cell names no event.",
    'there is no event "{cell}".', "{suggestion}")
BAD_DATE = ProblemKind("bad-date", "A cell holds no date.",
    '"{cell}" is not a date.', "Write it as 2021-06-15.")
BAD_NUMBER = ProblemKind("bad-number", "A cell holds no number.",
    '"{cell}" is not a whole number from 1.', "Write digits only.")
BAD_CELL = ProblemKind("bad-cell", "A cell holds a value that it cannot have.",
    '"{cell}" is neither yes nor no.', "Write yes or no.")
UNNAMED_STATE = ProblemKind("unnamed-state",
    "An event with a state that is not named is not confidential.",
    "an event with a state that is not named must be confidential.",
    "Write yes in the column confidential (--confidential).")
TWO_RECIPIENTS = ProblemKind("two-recipients", "A row names more than one recipient.",
    '"{cell}" names more than one.', "Write one row for each letter.")
REFERENCE_OF_OTHER_RECIPIENT = TWO_RECIPIENTS.worded(
    '"{reference}" went to {recipient}, not to "{cell}".',
    "Correct the reference or the recipient.")
UNKNOWN_REFERENCE = ProblemKind("unknown-reference", "No letter has the reference of a row.",
    'no letter has the reference "{reference}".', "{suggestion}")
TWO_LETTERS = ProblemKind("two-letters", "A row's reference is that of another letter.",
    '"{reference}" is a letter "{other}", not "{cell}".',
    "Correct the reference or the letter.")
LETTER_NOT_REGISTERED = UNKNOWN_LETTER.worded(
    'there is no letter {name} to "{cell}" in the register.',
    "Generate it first, or correct letter and recipient.")
AMBIGUOUS_LETTER = ProblemKind("ambiguous-letter", "A row can mean several letters.",
    '"{cell}" can mean {several}.', "Give the letter and the recipient's id.")
MISSING_RECEIPT = ProblemKind("missing-receipt", "A scan of a receipt cannot be kept.",
    "the receipt cannot be kept: {reason}", "Name another file.")

# ------------------------------------------------------------------ whether the register is whole

DATABASE_DAMAGED = ProblemKind("database-damaged", "The register's database is damaged.",
    "{name}: {reason}",
    "Nothing was written. Keep the file, restore the last backup, or recover what can be read "
    "with `sqlite3 register.sqlite .recover | sqlite3 recovered.sqlite`, then run `log verify`.")
ENTRY_CHANGED = ProblemKind("entry-changed", "An entry was changed after it was entered.",
    "Entry {entry} ({what}) was changed after it was entered.",
    "Compare it with a backup or an export made earlier.")
CHAIN_BROKEN = ProblemKind("chain-broken", "An entry does not follow the one before it.",
    "Entry {entry} ({what}) does not follow the entry that now stands before it.",
    "One of the two was replaced: compare both with a backup.")
HEAD_CHANGED = ProblemKind("head-changed", "The last entry is not the one that was entered last.",
    "The last entry is {entry}, but the register's head says {head} or has another hash.",
    "An entry was added or replaced by something else than this program: compare with a backup.")
ENTRY_MISSING = ProblemKind("entry-missing", "Entries are missing.",
    "Entry {first} is missing.", "Restore the register from a backup.")
ENTRIES_MISSING = ENTRY_MISSING.worded("Entries {first} to {last} are missing.")
LETTERS_UNREADABLE = ProblemKind("letters-unreadable",
    "The letters' status cannot be computed from the entries.",
    "The status of the letters cannot be computed from the entries as they are.",
    "See the other findings first.")
LETTERS_DIFFER = ProblemKind("letters-differ",
    "The table of the letters' status does not agree with the entries.",
    "the table of the letters' status does not say what the entries say.",
    "`log verify --rebuild` makes that table anew from the entries.")
LETTERS_DIFFER_TOO = LETTERS_DIFFER.worded(remedy="See the other findings first.")
NOTE_DIFFERS = ProblemKind("note-differs", "An entry is not the one that was noted earlier.",
    "Entry {entry} is not the one that was noted ({hash}).",
    "The register was rewritten since: compare it with a backup.")
REGISTER_NOT_WHOLE = ProblemKind("register-not-whole",
    "A report is made from a register that fails verification.",
    "the register is not whole ({findings}): the figures may be wrong.",
    "`outreach-merge log verify` says what was changed.", _WARNING)

# ------------------------------------------------------------------ the treaty's status

DUPLICATE_STATE = ProblemKind("duplicate-state", "A state stands in treaty-status.csv twice.",
    "there is an earlier row for {state}.", "Keep one row.")
BAD_STATUS = BAD_CELL.worded('there is no status "{status}".', "Known: {known}.")
YEAR_OF_NO_PARTY = BAD_CELL.worded(
    "{state} is not a party, so no year is expected.", "Empty the cell.")
BAD_YEAR = BAD_CELL.worded('"{year}" is not a year.', "Write it as 2014.")
NO_YEAR = MISSING_CELL.worded("{state} is a party, but there is no year.", "Give the year: 2014.")
STATUS_DIFFERS = ProblemKind("status-differs",
    "The recipients and treaty-status.csv give a state different statuses.",
    '{state} is "{status}" here and "{other}" in treaty-status.csv.',
    "Correct the one that is wrong.", _WARNING)
# fmt: on
