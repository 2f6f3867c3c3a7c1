import pytest

from helpline.guidance import Library
from tests.guidance.knowledge import KNOWLEDGE


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.load(KNOWLEDGE)
