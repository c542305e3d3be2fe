"""The map of the rooms says what is in them."""

from __future__ import annotations

import pytest
from room_map import PAGE, first_sentence, page, rooms


def test_the_page_is_what_the_modules_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it again: make format"


@pytest.mark.parametrize("room", rooms())
def test_every_module_says_what_it_is_for(room: str) -> None:
    assert [path.name for path in rooms()[room] if not first_sentence(path)] == []
