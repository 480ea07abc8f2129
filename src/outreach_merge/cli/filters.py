"""The filters on letters that several commands have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from outreach_merge.errors import UsageError

if TYPE_CHECKING:
    from outreach_merge.press import Press, Selection

Letters = Annotated[list[str] | None, typer.Argument(help="Letters to make; all when none.")]
States = Annotated[
    list[str] | None, typer.Option("--state", help="State, by code or name; repeatable.")
]
Regions = Annotated[list[str] | None, typer.Option("--region", help="Region of UN M49.")]
Groups = Annotated[list[str] | None, typer.Option("--group", help="Group of the state.")]
Kinds = Annotated[list[str] | None, typer.Option("--kind", help="Kind of recipient.")]
Languages = Annotated[list[str] | None, typer.Option("--language", help="Language of the letter.")]
Channels = Annotated[list[str] | None, typer.Option("--channel", help="How the letter travels.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="At most so many letters.")]


def selection(
    press: Press,
    letters: list[str] | None,
    states: list[str] | None,
    regions: list[str] | None,
    groups: list[str] | None,
    kinds: list[str] | None,
    languages: list[str] | None,
    channels: list[str] | None,
    limit: int | None,
) -> Selection:
    """The selection of letters that the filters make.

    :raises UsageError: a filter names something that the campaign does not have.
    """
    from outreach_merge.press import Selection

    chosen = Selection(
        tuple(letters or ()),
        tuple(press.state_code(state) for state in states or ()),
        tuple(regions or ()),
        tuple(groups or ()),
        tuple(kinds or ()),
        tuple(languages or ()),
        tuple(channels or ()),
        limit,
    )
    for name in chosen.letters:
        press.letter(name)
    if press.plan.planned and not chosen.of(press.plan.planned):
        raise UsageError("no letter passes these filters.", "Try fewer of them.")
    return chosen
