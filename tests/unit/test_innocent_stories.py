"""Stories a verdict must not get wrong. A story that is told right for good moves to SPARES."""

import pytest

from analysis.judge import judge
from tests.unit.analysis.cases_stories import NEVER_BLOCKED, NEVER_DOWN, NEVER_OK, Story


def _ids(stories: list[Story]) -> list[str]:
    return [story.happened for story in stories]


@pytest.mark.parametrize("story", NEVER_BLOCKED, ids=_ids(NEVER_BLOCKED))
def test_an_innocent_story_is_not_called_blocked(story: Story) -> None:
    _told_right(story)


@pytest.mark.parametrize("story", NEVER_OK, ids=_ids(NEVER_OK))
def test_what_may_be_injected_or_was_not_seen_is_not_called_ok(story: Story) -> None:
    _told_right(story)


@pytest.mark.parametrize("story", NEVER_DOWN, ids=_ids(NEVER_DOWN))
def test_what_may_be_blocked_is_not_called_down(story: Story) -> None:
    _told_right(story)


def _told_right(story: Story) -> None:
    verdict = judge(story.look)

    assert verdict is not None
    assert verdict.state not in story.never, [fired.rule for fired in verdict.fired]
