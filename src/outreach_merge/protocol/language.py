"""One language: a folder of plain data files that a linguist edits without Python."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

from babel import Locale
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from outreach_merge import catalogue
from outreach_merge.errors import OutreachError
from outreach_merge.model import Problem
from outreach_merge.protocol.grammar import NameForms, StateForms, UnknownPlaceholder, fill
from outreach_merge.protocol.wellformed import office_faults, settings_faults

_REQUIRED_FILES = ("language.toml", "states.csv", "offices.toml", "messages.po")


class ProtocolGap(OutreachError):
    """A language lacks a rule; the problem names the file to complete."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message, problem.remedy)
        self.problem = problem


class Language:
    """The data of one language's folder; files are read on first access.

    :param folder: the language's folder; its name is the language's code (BCP 47).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.code = folder.name

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """``language.toml``.

        :raises ProtocolGap: it is missing, or lacks what every language says.
        """
        return self._wellformed("language.toml", settings_faults)

    @cached_property
    def offices(self) -> Mapping[str, Any]:
        """``offices.toml``.

        :raises ProtocolGap: it is missing, or has no tables of offices and ranks.
        """
        return self._wellformed("offices.toml", office_faults)

    def _wellformed(
        self, name: str, faults: Callable[[Mapping[str, Any]], Iterator[Problem]]
    ) -> Mapping[str, Any]:
        data = self.toml(name)
        for problem in faults(data):
            raise ProtocolGap(replace(problem, file=str(self.folder / name)))
        return data

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return str(self.settings["direction"])

    @property
    def english_name(self) -> str:
        """The language's name in English."""
        return str(self.settings["english_name"])

    @cached_property
    def locale(self) -> Locale:
        return Locale.parse(str(self.settings["cldr"]), sep="-")

    @property
    def state_forms(self) -> Mapping[str, str]:
        """Form name -> what it is for, as ``docs/templates.md`` prints it."""
        return dict(self.settings["state_forms"])

    @property
    def address_forms(self) -> Mapping[str, str]:
        """Forms of "you" beyond ``you`` itself -> what each is for."""
        return dict(self.settings.get("address_forms", {}))

    @property
    def optional_words(self) -> Sequence[str]:
        """Words that people leave out of a state's name: articles and conjunctions."""
        words: Sequence[str] = self.settings.get("optional_words", ())
        return words

    def list_of(self, items: Sequence[str]) -> str:
        """``a, b and c``: by the language's ``[lists]``, else as CLDR has it."""
        own = self.settings.get("lists")
        if not own or len(items) < 2:
            return format_list(list(items), locale=self.locale)
        if len(items) == 2:
            return str(own["two"]).format(*items)
        text = str(own["start"]).format(items[0], items[1])
        for item in items[2:-1]:
            text = str(own["middle"]).format(text, item)
        return str(own["end"]).format(text, items[-1])

    def toml(self, name: str) -> dict[str, Any]:
        """One of the language's TOML files.

        :raises ProtocolGap: when it is missing or cannot be read.
        """
        path = self.folder / name
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ProtocolGap(catalogue.PROTOCOL_GAP.at(path, reason=error)) from error

    @cached_property
    def _state_rows(self) -> Mapping[str, Mapping[str, str]]:
        return self._rows("states.csv", ("iso3", "name", "formal"))

    def _rows(self, name: str, columns: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """One of the language's tables: ISO 3166 alpha-3 -> row.

        :raises ProtocolGap: when it cannot be read or lacks a column.
        """
        path = self.folder / name
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ProtocolGap(catalogue.TABLE_NOT_UTF8.at(path, reason=error)) from error
        reader = csv.DictReader(io.StringIO(text), restval="")
        for column in columns:
            if column not in (reader.fieldnames or ()):
                raise ProtocolGap(catalogue.LANGUAGE_COLUMN_MISSING.at(path, name=column))
        return {row["iso3"]: row for row in reader}

    def states(self) -> Iterable[str]:
        """ISO 3166 alpha-3 codes of the states this language has a row for."""
        return self._state_rows.keys()

    def state(self, iso3: str, iso2: str) -> StateForms:
        """The state's names and forms.

        :raises ProtocolGap: when the language has no row for it or a form is missing.
        """
        row = self._state_rows.get(iso3)
        if row is None:
            place, language = (self.folder / "states.csv", None, "iso3"), self.english_name
            raise ProtocolGap(catalogue.NO_STATE_ROW.at(*place, state=iso3, language=language))
        name = row["name"] or self.locale.territories.get(iso2, "")
        return StateForms(
            iso3, self._name_forms(row, name, ""), self._name_forms(row, row["formal"], "formal_")
        )

    def state_names(self, iso3: str, iso2: str) -> Iterator[str]:
        """The state's short name, CLDR's short name and the formal name, where there are such.

        :raises ProtocolGap: when the table of states cannot be read.
        """
        row = self._state_rows.get(iso3, {})
        names = (row.get("name"), self.locale.territories.get(iso2), row.get("formal"))
        yield from filter(None, names)

    def _name_forms(self, row: Mapping[str, str], name: str, prefix: str) -> NameForms:
        path, state = self.folder / "states.csv", row["iso3"]
        what = f"{prefix.replace('_', ' ') or 'short '}name"
        if not name:
            raise ProtocolGap(catalogue.NO_STATE_NAME.at(path, state=state, name=what))
        kind = row.get(f"{prefix}class") or ""
        patterns = self.settings.get("declensions", {}).get(kind, {})
        if kind and not patterns:
            raise ProtocolGap(catalogue.UNKNOWN_CLASS.at(path, state=state, name=what, kind=kind))
        forms: dict[str, str] = {}
        for form in self.state_forms:
            written = row.get(f"{prefix}{form}") or ""
            pattern = written or patterns.get(form, "")
            if not pattern:
                place = (path, None, f"{prefix}{form}")
                raise ProtocolGap(
                    catalogue.NO_STATE_FORM.at(*place, state=state, name=what, form=form)
                )
            forms[form] = fill(pattern, lambda key: {"name": name, **forms}[key])
        return NameForms(
            name, forms, row.get(f"{prefix}gender") or "", row.get(f"{prefix}number") or ""
        )

    @cached_property
    def _capitals(self) -> Mapping[str, str]:
        if not (self.folder / "capitals.csv").is_file():
            return {}
        rows = self._rows("capitals.csv", ("iso3", "capital"))
        return {iso3: row["capital"] for iso3, row in rows.items()}

    def capital(self, iso3: str) -> str:
        """The capital of a state.

        :raises ProtocolGap: where the language does not name it.
        """
        found = self._capitals.get(iso3)
        if not found:
            raise ProtocolGap(catalogue.NO_CAPITAL.at(self.folder / "capitals.csv", column=iso3))
        return found

    def in_language(self, text: str, code: str) -> str:
        """A title with the language of the document: ``Toolkit (in English)``."""
        rules = self.settings.get("in_language", {})
        name = rules.get("names", {}).get(code) or self.locale.languages.get(code, code)
        return fill(
            str(rules.get("pattern", "{title} ({language})")),
            {"title": text, "language": name}.__getitem__,
        )

    @cached_property
    def messages(self) -> GNUTranslations:
        """The catalogue of short strings, compiled with Babel when first asked for.

        :raises ProtocolGap: when ``messages.po`` is missing or malformed.
        """
        compiled = io.BytesIO()
        write_mo(compiled, self._catalogue)
        compiled.seek(0)
        return GNUTranslations(compiled)

    @property
    def short_strings(self) -> frozenset[str]:
        """The English texts that the catalogue has an entry for.

        :raises ProtocolGap: when ``messages.po`` is missing or malformed.
        """
        return frozenset(message.id for message in self._catalogue if isinstance(message.id, str))

    @cached_property
    def _catalogue(self) -> Catalog:
        path = self.folder / "messages.po"
        try:
            with path.open("rb") as file:
                return read_po(file, locale=self.locale, abort_invalid=True)
        except (OSError, ValueError, PoFileError) as error:
            raise ProtocolGap(catalogue.PROTOCOL_GAP.at(path, reason=error)) from error

    def _untranslated(self, texts: Iterable[str]) -> Iterator[Problem]:
        """Short strings that the catalogue leaves in English."""
        try:
            done = {entry.id for entry in self._catalogue if entry.string and not entry.fuzzy}
        except ProtocolGap as error:
            yield error.problem
            return
        for text in sorted(set(texts) - done):
            yield catalogue.NOT_TRANSLATED.at(self.folder / "messages.po", text=text)

    def problems(
        self, states: Iterable[tuple[str, str]], short_strings: Iterable[str]
    ) -> Iterator[Problem]:
        """What is missing for writing to ``states``.

        :param states: pairs of ISO 3166 alpha-3 and alpha-2.
        :param short_strings: English texts of the layout that the catalogue must translate.
        """
        missing = [name for name in _REQUIRED_FILES if not (self.folder / name).is_file()]
        for name in missing:
            yield catalogue.LANGUAGE_FILE_MISSING.at(self.folder / name)
        if missing:
            return
        wrong = [
            *self._faults("language.toml", settings_faults),
            *self._faults("offices.toml", office_faults),
        ]
        yield from wrong
        yield from self._untranslated(short_strings)
        if any(problem.file.endswith("language.toml") for problem in wrong):
            return  # names need it
        try:
            self.states()
        except ProtocolGap as error:
            yield error.problem
            return
        for iso3, iso2 in states:
            try:
                self.state(iso3, iso2)
            except ProtocolGap as error:
                yield error.problem
            except UnknownPlaceholder as error:
                file = self.folder / "states.csv"
                yield catalogue.UNKNOWN_PLACEHOLDER.at(file, name=error.args[0])

    def _faults(
        self, name: str, faults: Callable[[Mapping[str, Any]], Iterator[Problem]]
    ) -> Iterator[Problem]:
        try:
            data = self.toml(name)
        except ProtocolGap as error:
            yield error.problem
            return
        for problem in faults(data):
            yield replace(problem, file=str(self.folder / name))
