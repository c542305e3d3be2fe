"""Files that a killed process goes on with: what is torn is done again, what is damaged is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.journal import Journal, JournalError, read_journal

ROWS = [{"n": 1, "text": "one"}, {"n": 2, "text": "zwei \u00fc \ud800"}, {"n": 3, "text": "3\n3"}]


def number(row: dict[str, Any]) -> int:
    return int(row["n"])


def written(path: Path, rows: list[dict[str, Any]]) -> bytes:
    with Journal(path, number) as journal:
        for row in rows:
            journal.append(row)
    return path.read_bytes()


def test_a_journal_holds_what_was_appended_in_order(tmp_path: Path) -> None:
    path = tmp_path / "new" / "j.jsonl"
    assert written(path, ROWS).count(b"\n") == 3
    assert read_journal(path, lambda row: row) == ROWS
    with Journal(path, number) as journal:
        assert journal.append({"n": 4}) == path.stat().st_size - len(b'{"n":4}\n')
        places = {entry: place for place, entry in journal.entries()}
        assert list(places) == [1, 2, 3, 4]
        assert [journal.read(places[n]) for n in (4, 1, 3)] == [4, 1, 3]


@pytest.mark.parametrize("length", range(1, 12))
def test_a_torn_last_line_is_left_out_and_then_cut_off(tmp_path: Path, length: int) -> None:
    path = tmp_path / "j.jsonl"
    whole = written(path, ROWS)
    torn = whole[:-length]
    path.write_bytes(torn)
    assert read_journal(path, number) == [1, 2]
    assert path.read_bytes() == torn, "reading changes nothing"
    with Journal(path, number) as journal:
        assert [entry for _, entry in journal.entries()] == [1, 2]
        journal.append(ROWS[2])
    assert path.read_bytes() == whole


def test_a_file_of_one_torn_line_is_an_empty_journal(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    path.write_bytes(b'{"n": 1')
    assert read_journal(path, number) == []
    assert written(path, ROWS[:1]) == b'{"n":1,"text":"one"}\n'


@pytest.mark.parametrize(
    "line", ["{", "", "[1]", "7", "null", '{"m": 2}', '{"n": "two"}', '{"n": null}', "\x00" * 9]
)
def test_any_other_line_that_is_no_row_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "j.jsonl"
    path.write_text(f'{{"n": 1}}\n{line}\n{{"n": 3}}\n')
    with pytest.raises(JournalError, match=r"j\.jsonl:2: no row of this file \(.+\)"):
        read_journal(path, number)
    before = path.read_bytes()
    with Journal(path, number) as journal, pytest.raises(JournalError, match=r"j\.jsonl:2: "):
        list(journal.entries())
    assert path.read_bytes() == before, "what is damaged is for a person to look at"


def test_a_missing_file_is_no_journal_to_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_journal(tmp_path / "j.jsonl", number)
