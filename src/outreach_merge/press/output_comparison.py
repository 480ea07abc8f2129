"""What ``generate`` would change in the output folder, without changing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from outreach_merge.campaign import Campaign
from outreach_merge.files import sha256, sha256_of_file
from outreach_merge.model import PlannedLetter
from outreach_merge.pictures import look_and_read_alike
from outreach_merge.press.decide import FileState, Keep, Render, decide, decide_rendered
from outreach_merge.press.deep import ExaminedLetter
from outreach_merge.press.dependencies import Dependencies
from outreach_merge.press.noop_cache import NoopCache
from outreach_merge.press.output_files import made_files
from outreach_merge.register import LetterKey, LetterRecord


@dataclass(frozen=True, slots=True)
class OutputComparison:
    """The letters of an output folder that would change, and how many would not.

    :param before: files by path below the output folder, as they are.
    :param after: files as they would be; one that would be made for the first time is only here.
    """

    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    unchanged: int


def compare_output(
    campaign: Campaign,
    planned: Sequence[PlannedLetter],
    records: Mapping[LetterKey, LetterRecord],
    dependencies: Dependencies,
    render: Callable[[Sequence[PlannedLetter]], Iterable[ExaminedLetter]],
) -> OutputComparison:
    """Decide for each letter as ``generate`` does, and render those that would not be kept.

    :param render: sets letters and writes nothing.
    """
    with NoopCache(campaign.output) as noop_cache:
        to_render: dict[str, Render] = {}
        for one in planned:
            record = records.get(LetterKey(one.letter, one.recipient.id, one.document))
            state, known = _state(campaign, record), noop_cache.known(record)
            inputs = list(dependencies.possible_inputs(one))
            actions = (decide(one, record, each, known, state) for each in inputs)
            if not any(isinstance(action, Keep) for action in actions):
                to_render[_name(one)] = Render(one, inputs[0], record=record)
    unchanged = len(planned) - len(to_render)
    letters = [action.planned for action in to_render.values()]
    before = {_name(one): path.read_bytes() for one, path in made_files(campaign.output, letters)}
    after: dict[str, bytes] = {}
    for rendered in render(letters):
        name = _name(rendered.planned)
        if rendered.pdf and _would_be_kept(campaign, to_render[name], rendered.pdf):
            unchanged += 1
            before.pop(name, None)
        elif rendered.pdf:
            after[name] = rendered.pdf
    return OutputComparison(before, after, unchanged)


def _would_be_kept(campaign: Campaign, action: Render, pdf: bytes) -> bool:
    if action.record is None:
        return False
    path = campaign.folder / action.record.file
    decision = decide_rendered(
        action,
        sha256(pdf),
        _state(campaign, action.record),
        lambda: look_and_read_alike(path.read_bytes(), pdf),
    )
    return isinstance(decision, Keep)


def _state(campaign: Campaign, record: LetterRecord | None) -> FileState:
    path = campaign.folder / record.file if record else None
    return FileState(sha256_of_file(path)) if path and path.is_file() else FileState()


def _name(planned: PlannedLetter) -> str:
    return planned.relative_path.as_posix()
