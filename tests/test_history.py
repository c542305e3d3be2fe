"""What `solve` remembers: records, `solve history`, `solve show`, and going on with `--more`."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from doubling import PROBLEM, RIGHT, one_line
from scripted import scripted_model
from test_openai_sampler import SECRET, Server, answer
from test_openai_sampler import server as server  # a fixture

from agent import history
from agent.cli import run
from agent.history import History, HistoryError, PastSolve, new_id
from agent.models.openai_sampler import OpenAISampler
from agent.rounds import round_ends

WRONG = "print(int(input()) + 3)"
FLAGS = ["-n", "4", "--sandbox"]


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    path = tmp_path / "double.md"
    path.write_text(PROBLEM, encoding="utf-8")
    return path


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = scripted_model(tmp_path, RIGHT, WRONG)
    monkeypatch.setenv("ALPHASOLVE_MODEL", name)
    return name


@pytest.fixture
def folder(history_of_its_own: Path) -> Path:
    return history_of_its_own


def past(identity: str, **changes: object) -> PastSolve:
    facts: dict[str, object] = {
        "id": identity, "when": "2026-01-31T12:00:00Z", "statement": "s", "title": "T", "path": "/t.md",
        "model": "m", "fingerprint": "f", "language": "python", "program": "print(1)\n", "solved": True,
        "confidence": 0.5, "sandbox": "bwrap", "evidence": {}, "cost": {}, "store": f"{identity}.jsonl",
    }  # fmt: skip
    return PastSolve(**(facts | changes))  # type: ignore[arg-type]


def drawn(file: Path) -> list[tuple[str, int]]:
    """The completions in a file, each by its request and its number."""
    rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [(row["request"], row["sample"]) for row in rows]


def test_a_solve_is_listed_and_shown(
    problem: Path, model: str, folder: Path, backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([str(problem), *FLAGS, backend]) == 0
    printed = capsys.readouterr().out
    assert run(["history"]) == 0
    heading, row = capsys.readouterr().out.splitlines()
    assert heading.split()[:2] == ["id", "when"]
    identity = row.split()[0]
    assert "Double" in row
    assert model in row
    for name in (identity, identity[:3].upper(), "last"):
        assert run(["show", name]) == 0
        shown = capsys.readouterr()
        assert shown.out == printed
        assert "passes every example" in shown.err
        assert str(problem) in shown.err
    page = tmp_path / "page.html"
    assert run(["show", "last", "--report", str(page)]) == 0
    assert "Double" in page.read_text(encoding="utf-8")
    capsys.readouterr()
    assert run(["history", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)["solves"][0]
    assert run(["show", identity, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == record
    assert record["program"] == printed
    assert record["evidence"]["samples"] == 4
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_answer_that_passes_nothing_is_kept_too(
    problem: Path, folder: Path, backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([str(problem), *FLAGS, backend, "-m", scripted_model(tmp_path, "print(0)")]) == 1
    capsys.readouterr()
    assert run(["show", "last"]) == 1
    shown = capsys.readouterr()
    assert shown.out == "print(0)\n"
    assert "does not pass every example" in shown.err
    assert run([str(problem), *FLAGS, backend, "-m", scripted_model(tmp_path, "print(0)")]) == 1
    assert "Tried before, and no program passed" in capsys.readouterr().err


@pytest.mark.parametrize("way", ["flag", "environment"])
def test_nothing_is_kept_where_nothing_should_be(
    problem: Path, model: str, folder: Path, backend: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "environment":
        monkeypatch.setenv("ALPHASOLVE_HISTORY", "0")
    flags = ["--no-history"] if way == "flag" else []
    before = sorted(problem.parent.iterdir())
    assert run([str(problem), *FLAGS, backend, *flags]) == 0
    assert not folder.exists()
    assert sorted(problem.parent.iterdir()) == before


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["show", "last"], "nothing was solved yet"),
        (["history", "--clear", "--json"], "--clear"),
    ],
)
def test_what_cannot_be_done_is_said(args: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(args) == 2
    assert words in one_line(capsys.readouterr().err)


@pytest.mark.parametrize("way", ["flag", "environment"])
def test_more_without_a_history_is_refused(
    problem: Path, model: str, way: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if way == "environment":
        monkeypatch.setenv("ALPHASOLVE_HISTORY", "0")
    assert run([str(problem), "-q", "--more", *(["--no-history"] if way == "flag" else [])]) == 2
    reason = "--no-history" if way == "flag" else "ALPHASOLVE_HISTORY=0"
    assert f"leave out {reason}, or name a --store" in one_line(capsys.readouterr().err)


def test_records_are_found_by_what_is_unique(folder: Path) -> None:
    kept = History(folder)
    for identity in ("aaaa0000", "aaaa1111", "bbbb0000"):
        kept.add(past(identity), "page")
    assert kept.find("b").id == "bbbb0000"
    assert kept.find("aaaa1").id == "aaaa1111"
    assert kept.find("last").id == "bbbb0000"
    with pytest.raises(HistoryError, match="2 solves have an ID that begins with 'aaaa': aaaa0000, aaaa1111"):
        kept.find("aaaa")
    for name in ("c", ""):
        with pytest.raises(HistoryError, match="no solve has an ID"):
            kept.find(name)


def test_two_writers_lose_nothing(folder: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests'); from pathlib import Path; from test_history import past;"
        "from agent.history import History, new_id\n"
        "for _ in range(15): History(Path(sys.argv[1])).add(past(new_id()), 'page')"
    )
    root = Path(__file__).parent.parent
    writers = [subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=root) for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    records = History(folder).records()
    assert len({record.id for record in records}) == len(records) == 30


def test_a_record_that_was_being_written_is_cut_off(folder: Path) -> None:
    kept = History(folder)
    kept.add(past("aaaa0000"), "page")
    with (folder / "solves.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id":"bbbb00')
    assert [record.id for record in kept.records()] == ["aaaa0000"]
    kept.add(past("cccc0000"), "page")
    assert [record.id for record in kept.records()] == ["aaaa0000", "cccc0000"]


def test_a_history_that_is_damaged_costs_a_line_and_no_answer(
    problem: Path, model: str, folder: Path, backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    History(folder).add(past("aaaa0000"), "page")
    with (folder / "solves.jsonl").open("a", encoding="utf-8") as file:
        file.write("no row\n")
    assert run([str(problem), *FLAGS, backend]) == 0
    result = capsys.readouterr()
    assert result.out.strip() == RIGHT
    assert result.err.count("is not kept") == 1
    assert "solves.jsonl:2: no row" in result.err
    assert run(["history"]) == 2
    assert "solves.jsonl:2: no row" in one_line(capsys.readouterr().err)
    assert run(["history", "--clear"]) == 0
    assert run([str(problem), *FLAGS, backend]) == 0
    assert "is not kept" not in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_costs_a_line_and_no_answer(
    problem: Path, model: str, backend: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALPHASOLVE_HISTORY", str(problem / "history"))  # in a file, where no folder can be
    assert run([str(problem), *FLAGS, backend]) == 0
    result = capsys.readouterr()
    assert result.out.strip() == RIGHT
    assert result.err.count("is not kept") == 1


def test_the_same_statement_is_known_again_and_a_changed_one_is_not(
    problem: Path, model: str, backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([str(problem), *FLAGS, backend]) == 0
    assert "before" not in capsys.readouterr().err
    copy = tmp_path / "copy.md"
    copy.write_text(PROBLEM, encoding="utf-8")
    assert run([str(copy), *FLAGS, backend]) == 0
    known = [line for line in capsys.readouterr().err.splitlines() if "before" in line]
    assert len(known) == 1
    assert known[0].startswith("Solved before, P(right) about 0.")
    assert "solve show" in known[0]
    problem.write_text(PROBLEM.replace("twice as large", "doubled"), encoding="utf-8")
    assert run([str(problem), *FLAGS, backend]) == 0
    assert "before" not in capsys.readouterr().err


def test_more_adds_to_the_pool_and_draws_nothing_again(
    problem: Path, model: str, folder: Path, backend: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([str(problem), *FLAGS, backend]) == 0
    first = History(folder).find("last")
    before = drawn(folder / first.store)
    assert len(before) == 4
    for total in (8, 12):
        assert run([str(problem), *FLAGS, backend, "--more"]) == 0
        latest = History(folder).find("last")
        assert latest.store == first.store
        assert latest.evidence["samples"] == total
        after = drawn(folder / first.store)
        assert after[: len(before)] == before
        assert len(after) == total
        assert set(Counter(after).values()) == {1}
        before = after
    assert "Going on from 8 samples that are kept; 4 more" in capsys.readouterr().err


def test_more_draws_more_where_the_first_solve_stopped_early(
    problem: Path, folder: Path, backend: str, tmp_path: Path
) -> None:
    flags = ["-n", "64", "--sandbox", backend, "-m", scripted_model(tmp_path, RIGHT)]
    assert run([str(problem), *flags]) == 0
    first = History(folder).find("last").evidence["samples"]
    assert first < 64
    assert run([str(problem), *flags, "--more"]) == 0
    assert first < History(folder).find("last").evidence["samples"] < first + 64
    assert round_ends(100, 16) == [32, 48, 80, 100]


@pytest.mark.parametrize("change", ["model", "seed", "never solved"])
def test_more_samples_anew_where_nothing_kept_fits(
    problem: Path,
    model: str,
    folder: Path,
    backend: str,
    change: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if change != "never solved":
        assert run([str(problem), *FLAGS, backend]) == 0
    other = tmp_path / "other"
    other.mkdir()
    flags = {"model": ["-m", scripted_model(other, RIGHT)], "seed": ["--seed", "7", "--temperature", "0.5"]}
    assert run([str(problem), *FLAGS, backend, "--more", *flags.get(change, [])]) == 0
    message = capsys.readouterr().err
    # The greedy program depends on no seed.
    assert ("Going on from 1 samples" if change == "seed" else "Nothing is kept of this statement") in message
    assert History(folder).find("last").evidence["samples"] == (5 if change == "seed" else 4)


def test_more_goes_on_from_a_file_of_the_users_own(
    problem: Path, model: str, folder: Path, backend: str, tmp_path: Path
) -> None:
    own = tmp_path / "own.jsonl"
    assert run([str(problem), *FLAGS, backend, "--store", str(own)]) == 0
    assert run([str(problem), *FLAGS, backend, "--store", str(own), "--more", "--no-history"]) == 0
    assert len(drawn(own)) == 8
    assert run([str(problem), *FLAGS, backend, "--more"]) == 0  # the record says where it is
    assert len(drawn(own)) == 12
    assert not [*folder.glob("*.jsonl.lock")]
    assert run(["history", "--clear"]) == 0
    assert own.exists()


def test_the_oldest_records_go_with_their_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_RECORDS", 3)
    kept = History(folder)
    ids = [f"{number:08x}" for number in range(5)]
    for identity in ids:
        store = ids[1] if identity == ids[4] else identity  # the last one went on from the second
        kept.prepare()
        (folder / f"{store}.jsonl").write_text("completions\n", encoding="utf-8")
        kept.add(past(identity, store=f"{store}.jsonl"), "page")
    assert [record.id for record in kept.records()] == ids[2:]
    files = {file.name for file in folder.iterdir()}
    assert {f"{ids[1]}.jsonl", f"{ids[4]}.html.gz"} <= files
    assert not files & {f"{ids[0]}.jsonl", f"{ids[0]}.html.gz", f"{ids[1]}.html.gz"}


def test_a_large_history_is_cut_to_its_size(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_BYTES", 10_000)
    kept = History(folder)
    for _ in range(6):
        identity = new_id()
        kept.prepare()
        (folder / f"{identity}.jsonl").write_text("x" * 4_000, encoding="utf-8")
        kept.add(past(identity), "page")
    assert len(kept.records()) == 2
    assert sum(file.stat().st_size for file in folder.glob("*.jsonl")) < 12_000
    identity = new_id()
    (folder / f"{identity}.jsonl").write_text("x" * 40_000, encoding="utf-8")
    kept.add(past(identity), "page")
    assert [record.id for record in kept.records()] == [identity]  # the newest stays, whatever its size


def test_a_solve_that_fails_leaves_nothing(
    problem: Path, folder: Path, backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent.models.scripted_sampler import ScriptedSampler

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ScriptedSampler, "sample", fail)
    assert run([str(problem), *FLAGS, backend, "-m", scripted_model(tmp_path, RIGHT)]) == 130
    assert not [*folder.iterdir()]


def test_no_key_and_no_address_is_kept(
    problem: Path, folder: Path, backend: str, server: tuple[Server, OpenAISampler]
) -> None:
    server[0].behave = lambda body, number: answer(f"```python\n{RIGHT}\n```")
    url = server[1].base_url.replace("//", "//user:a-password@")
    assert run([str(problem), *FLAGS, backend, "-m", "openai:m", "--base-url", url]) == 0
    record = History(folder).find("last")
    assert record.solved
    texts = [file.read_bytes().decode("utf-8", "replace") for file in folder.iterdir()]
    texts.append(History(folder).page(record))
    assert any("openai:m" in text for text in texts)
    for private in (SECRET, "a-password", "127.0.0.1"):
        assert not [text for text in texts if private in text]
