"""Believable situations, and exactly the rights that serve each."""

import pytest

from tests.guidance.rights_stories import STORIES, Story
from tests.guidance.test_rights import GUIDE, certain, perhaps


@pytest.mark.parametrize("story", STORIES, ids=[story.name for story in STORIES])
def test_what_a_relative_is_told(story: Story) -> None:
    assert list(GUIDE.questionnaire.check(story.answers)) == []
    result = GUIDE.apply(story.answers, story.on)
    assert {right.id for right in result.applies if result.asked_for(right)} == story.serves
    assert story.also <= certain(result) - story.serves
    assert story.open_ <= perhaps(result)
    assert not story.never & (certain(result) | perhaps(result))
    assert {unsure.id for unsure in result.unsure} == story.unsure


def test_the_stories_stand_on_both_sides_of_the_new_law() -> None:
    assert len(STORIES) >= 25
    assert {story.on.month for story in STORIES} >= {5, 6, 7, 11}
    told = {name for story in STORIES for name in story.serves | story.also | story.open_}
    assert {right.id for right in GUIDE.rights} - told == set()
