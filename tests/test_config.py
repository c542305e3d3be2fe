"""Names of the user's own for models: what the file may say, and what is said where it cannot be understood."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from scripted import scripted_model

from agent.cli import run
from agent.cost import FREE
from agent.models import config, fingerprint, open_sampler
from agent.models.catalog import DEFAULT_MODEL
from agent.models.config import Config, Source, find_source, read_config
from agent.types import Prompt, SampleRequest, SamplerError, SamplingParams

ROOT = Path(__file__).parent.parent
STATEMENT = ROOT / "problems/examples/running_gap.md"
SOLUTION = (ROOT / "tests/solutions/running_gap.py").read_text(encoding="utf-8")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the user's file is looked for."""
    path = tmp_path / "config.toml"
    monkeypatch.setenv("ALPHASOLVE_CONFIG", str(path))
    return path


def test_a_name_stands_for_a_model_and_its_server(file: Path) -> None:
    file.write_text(
        'model = "team"\n[models.team]\nmodel = "openai:coder"\nbase_url = "http://localhost:1/v1"\n'
        'key = "TEAM_KEY"\nconcurrency = 64\n[models.fast]\nmodel = "qwen2.5-coder-0.5b"\n'
    )
    assert read_config().model == "team"
    assert find_source("team") == Source("openai:coder", "http://localhost:1/v1", "TEAM_KEY", 64)
    assert find_source("team").price is None
    assert find_source("fast").price == FREE
    assert find_source("fast") == Source("qwen2.5-coder-0.5b")
    assert find_source("openai:other") == Source("openai:other")


def test_prices_are_for_a_million_tokens_in_the_user_s_currency(file: Path) -> None:
    assert Config().currency == "USD"
    file.write_text('currency = "EUR"\n[models.a]\nmodel = "openai:m"\nprompt_price = 1\ncompletion_price = 2.5\n')
    assert read_config().currency == "EUR"
    price = find_source("a").price
    assert price is not None
    assert price.of(2_000_000, 10_000) == pytest.approx(2.025)


def test_completions_are_those_of_what_the_name_stands_for(file: Path) -> None:
    file.write_text('[models.fast]\nmodel = "qwen2.5-coder-0.5b"\n')
    assert fingerprint("fast") == fingerprint("qwen2.5-coder-0.5b") != fingerprint("qwen2.5-coder-1.5b")


def test_solve_asks_the_model_that_the_file_names(file: Path, tmp_path: Path, capfd: Any) -> None:
    file.write_text(f'model = "mine"\n[models.mine]\nmodel = {json.dumps(scripted_model(tmp_path, SOLUTION))}\n')
    assert run([str(STATEMENT), "-n", "1", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["model"].startswith("scripted:")
    assert run(["models", "list", "--json"]) == 0
    listing = json.loads(capfd.readouterr().out)
    assert listing["default"] == "mine"
    assert listing["named"]["mine"]["model"].startswith("scripted:")


def test_names_are_listed_with_their_servers_and_prices(file: Path, capfd: Any) -> None:
    file.write_text(
        'verifier = "b"\ncurrency = "EUR"\n[models.a]\nmodel = "openai:m"\nbase_url = "http://localhost:1/v1"\n'
        'prompt_price = 0.4\ncompletion_price = 2\n[models.b]\nmodel = "openai:n"\n'
    )
    assert run(["models"]) == 0
    said = capfd.readouterr()
    assert "at http://localhost:1/v1, 0.4 and 2 EUR for a million tokens of prompts and of answers\n" in said.out
    assert said.out.endswith("openai:n\n")
    assert f"default: {DEFAULT_MODEL}, verifier: b\n" in said.err


def test_the_environment_names_the_model_before_the_file(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    file.write_text('model = "openai:nobody"\n')
    monkeypatch.setenv("ALPHASOLVE_MODEL", scripted_model(tmp_path, SOLUTION))
    assert run([str(STATEMENT), "-n", "1", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["model"].startswith("scripted:")


def test_a_server_in_the_environment_is_none_of_a_model_that_runs_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1/v1")
    assert open_sampler(scripted_model(tmp_path, SOLUTION)).name.startswith("scripted:")


@pytest.mark.parametrize(
    ("option", "address"), [(None, "http://localhost:2/v1/"), ("http://localhost:3/v1", "http://localhost:3/v1/")]
)
def test_the_file_s_address_is_before_the_environment_s_and_after_the_option_s(
    file: Path, monkeypatch: pytest.MonkeyPatch, option: str | None, address: str
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1/v1")
    file.write_text('[models.a]\nmodel = "openai:m"\nbase_url = "http://localhost:2/v1"\n')
    assert open_sampler("a", base_url=option).base_url == address  # type: ignore[attr-defined]


def test_without_a_file_there_are_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALPHASOLVE_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = config.config_file()
    assert path is not None
    assert path.is_relative_to(tmp_path)
    assert read_config().model == DEFAULT_MODEL
    monkeypatch.setenv("ALPHASOLVE_CONFIG", "0")
    assert read_config() == config.Config()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("model = 3", "model is to be a text"),
        ("models = 3", "a table of tables"),
        ("mdoel = 'x'", "unknown entry mdoel: did you mean model"),
        ("[models.a]\nbase_url = 'x'", "models.a: model is missing"),
        ("[models.a]\nmodel = 'x'\nurl = 'y'", "models.a: unknown entry url"),
        ("[models.a]\nmodel = 'x'\nconcurrency = 'many'", "models.a: concurrency is to be a whole number"),
        ("[models.a]\nmodel = 'x'\nconcurrency = true", "models.a: concurrency is to be a whole number"),
        ("[models.a]\nmodel = 'x'\nconcurrency = 0", "models.a: concurrency is to be from 1"),
        ("[models.a]\nmodel = ''", "models.a: model is to be a text"),
        ("models.a = 'x'", "models.a: a table is expected"),
        ("[models.'qwen2.5-coder-0.5b']\nmodel = 'x'", "this means something else"),
        ("[models.'openai:x']\nmodel = 'y'", "means something else"),
        ("[models.a]\nmodel = 'x'\nbase_url = 'y'", "models.a: base_url goes with"),
        ("[models.a]\nmodel = 'x'\nprompt_price = 1", "models.a: prompt_price and completion_price go together"),
        ("[models.a]\nmodel = 'x'\nprompt_price = '1'\ncompletion_price = 1", "prompt_price is to be a number"),
        ("[models.a]\nmodel = 'x'\nprompt_price = true\ncompletion_price = 1", "prompt_price is to be a number"),
        ("[models.a]\nmodel = 'x'\nprompt_price = -1\ncompletion_price = 1", "prompt_price is to be from 0 to"),
        ("[models.a]\nmodel = 'x'\nprompt_price = 1\ncompletion_price = nan", "completion_price is to be from 0"),
        ("currency = 'of the realm'", "currency is to be a text of 8 characters at most"),
        ("currency = 3", "currency is to be a text"),
        ("verifier = ''", "verifier is to be a text"),
        ("model = ", "cannot be read"),
        ("x = " + "[" * 20_000, "cannot be read"),
    ],
)
def test_what_is_not_understood_is_named_in_one_line(file: Path, capfd: Any, text: str, complaint: str) -> None:
    file.write_text(text)
    with pytest.raises(SamplerError, match=complaint) as error:
        read_config()
    assert str(file) in str(error.value)
    assert run([str(STATEMENT)]) == 3
    said = capfd.readouterr().err
    assert complaint in said
    assert said.count("try:") == 1
    assert "ALPHASOLVE_CONFIG=0" in said


def test_a_file_that_was_asked_for_and_is_not_there_is_an_error(file: Path) -> None:
    with pytest.raises(SamplerError, match="is not there"):
        read_config()


class Door(ThreadingHTTPServer):
    """A server that counts who is inside, and holds the first ones until `company` are."""

    def __init__(self, company: int, status: int = 200) -> None:
        self.keys: list[str] = []
        self.inside = self.most = 0
        self.company = threading.Barrier(company)
        self.lock = threading.Lock()
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                with door.lock:
                    door.keys.append(self.headers["Authorization"])
                    door.inside += 1
                    door.most = max(door.most, door.inside)
                if status == 200:
                    door.company.wait(timeout=20)
                with door.lock:
                    door.inside -= 1
                choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "1"}}
                data = json.dumps({"choices": [choice], "usage": {"completion_tokens": 1}}).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up early is none of ours."""


@pytest.fixture
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    http = Door(*request.param)
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    yield http
    http.shutdown()
    http.server_close()


REQUEST = SampleRequest(Prompt("", "x"), SamplingParams(n=6, temperature=0.0))


@pytest.mark.parametrize("door", [(3,)], indirect=True)
def test_so_many_requests_are_under_way_as_the_file_says_and_with_its_key(
    file: Path, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of-another")
    monkeypatch.setenv("TEAM_KEY", "of-the-team")
    address = f"http://127.0.0.1:{door.server_port}/v1"
    file.write_text(f'[models.a]\nmodel = "openai:m"\nbase_url = "{address}"\nkey = "TEAM_KEY"\nconcurrency = 3\n')
    assert len(list(open_sampler("a").sample([REQUEST]))) == 6
    assert door.most == 3
    assert set(door.keys) == {"Bearer of-the-team"}


@pytest.mark.parametrize("door", [(1, 401)], indirect=True)
def test_a_key_that_is_refused_is_named_by_its_variable(
    file: Path, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEAM_KEY", "of-the-team")
    address = f"http://127.0.0.1:{door.server_port}/v1"
    file.write_text(f'[models.a]\nmodel = "openai:m"\nbase_url = "{address}"\nkey = "TEAM_KEY"\n')
    with pytest.raises(SamplerError, match="refuses the key in TEAM_KEY") as error:
        list(open_sampler("a").sample([REQUEST]))
    assert "TEAM_KEY is a key" in error.value.remedy
    assert "of-the-team" not in str(error.value) + error.value.remedy
