"""The user's own names for models, from a file in TOML: what stands behind each, and how it is reached.

    model = "team"                      # in place of the default model
    verifier = "hosted"                 # who writes tests and judges where `--verifier` says nothing
    currency = "EUR"                    # what prices are in; a label, "USD" where nothing is said

    [models.team]
    model = "openai:qwen3-coder-30b"    # whatever `--model` takes
    base_url = "http://gpu.example:8000/v1"
    key = "TEAM_API_KEY"                # the environment variable that holds the key
    concurrency = 64                    # answers under way at a time, at most
    prompt_price = 0.40                 # of a million tokens of prompts
    completion_price = 1.60             # of a million tokens of answers
    reasoning = "low"                   # like answer_form, system, temperature, top_p, max_tokens ...

The file is `ALPHASOLVE_CONFIG`, or `config.toml` in the user's folder for configurations; "0" stands for none. It
holds no keys, only names of variables, so that it can be shown and kept beside other files.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from agent.cost import CURRENCY, FREE, Price
from agent.models.catalog import CATALOG, DEFAULT_MODEL
from agent.profile import NO_WISHES, Form, Wishes
from agent.sampling import SamplerError
from agent.thinking import Effort

KEY_VARIABLE = "OPENAI_API_KEY"
ADDRESS_VARIABLE = "OPENAI_BASE_URL"
MOST_CONCURRENT = 1024
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
MOST_PRICE = 1e6
_LONGEST_CURRENCY = 8
_TYPES: dict[str, tuple[type, ...]] = {
    "model": (str,),
    "base_url": (str,),
    "key": (str,),
    "concurrency": (int,),
    "prompt_price": (int, float),
    "completion_price": (int, float),
    "answer_form": (str,),
    "reasoning": (str,),
    "system": (str,),
    "stop": (list,),
    "temperature": (int, float),
    "top_p": (int, float),
    "max_tokens": (int,),
    "max_seconds": (int, float),
}
_WORDS: dict[type, str] = {str: "text", int: "whole number", float: "number", list: "list of texts"}
_WISHES = tuple(each.name for each in fields(Wishes))
_MAY_BE_EMPTY = ("system", "stop")
_CHOICES = {"answer_form": tuple(map(str, Form)), "reasoning": tuple(map(str, Effort))}
_RANGES = {
    "concurrency": (1, MOST_CONCURRENT),
    "prompt_price": (0, MOST_PRICE),
    "completion_price": (0, MOST_PRICE),
    "temperature": (0, 2),
    "top_p": (0.01, 1),
    "max_tokens": (1, 1_000_000),
    "max_seconds": (0.001, 1e6),
}


@dataclass(frozen=True, slots=True)
class Source:
    """What a model's name stands for."""

    model: str
    """A name of the catalogue, a hub id, a folder, a file, `openai:NAME` or `scripted:FILE`."""
    base_url: str | None = None
    """The server's address; None means that of the environment, or the library's default."""
    key: str = KEY_VARIABLE
    """The environment variable that holds the server's key."""
    concurrency: int | None = None
    """Answers under way at a time, at most; None leaves it to the sampler."""
    prompt_price: float | None = None
    """Money for a million tokens of prompts; None where it is not known, and then neither is the other."""
    completion_price: float | None = None
    """Money for a million tokens of answers."""
    wishes: Wishes = NO_WISHES
    """How it is asked: in the file, entries beside the others."""

    @property
    def price(self) -> Price | None:
        """What its tokens cost: as the user says; else nothing for a model that runs here, and None for others."""
        if self.prompt_price is not None and self.completion_price is not None:
            return Price(self.prompt_price, self.completion_price)
        return None if self.model.startswith("openai:") else FREE


@dataclass(frozen=True, slots=True)
class Config:
    """What the file says."""

    model: str = DEFAULT_MODEL
    """What is used where no model is named."""
    models: dict[str, Source] = field(default_factory=dict)
    """By the user's own names."""
    currency: str = CURRENCY
    """What prices are in: a label."""
    verifier: str | None = None
    """What verifies where nothing else is named; None leaves that to the model that solves."""


def config_file() -> Path | None:
    """Where the file is looked for; None where nothing is read."""
    own = os.environ.get("ALPHASOLVE_CONFIG")
    if own == "0":
        return None
    if own:
        return Path(own).expanduser()
    import platformdirs

    return platformdirs.user_config_path("alphasolve") / "config.toml"


def read_config() -> Config:
    """What the user's file says; the defaults where there is none.

    Raises:
        SamplerError: it cannot be read, or says what is not understood; file and entry are named.
    """
    path = config_file()
    if path is None:
        return Config()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if "ALPHASOLVE_CONFIG" in os.environ:
            raise _error(path, "is not there") from None
        return Config()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise _error(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    _check_names(path, "", data, {each.name for each in fields(Config)})
    model, verifier = data.get("model", DEFAULT_MODEL), data.get("verifier")
    tables = data.get("models", {})
    if not isinstance(model, str) or not isinstance(tables, dict):
        raise _error(path, "model is to be a text, and models a table of tables")
    if not (verifier is None or (isinstance(verifier, str) and verifier)):
        raise _error(path, "verifier is to be a text: what --model takes")
    models = {name: _source(path, name, table) for name, table in tables.items()}
    return Config(model, models, _currency(path, data.get("currency", CURRENCY)), verifier)


def find_source(name: str) -> Source:
    """What stands behind a model's name: an entry of the user's file, or the name itself.

    Raises:
        SamplerError: as for `read_config`.
    """
    return read_config().models.get(name, Source(name))


def _currency(path: Path, value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_CURRENCY or not value.isprintable():
        raise _error(path, f"currency is to be a text of {_LONGEST_CURRENCY} characters at most, such as EUR")
    return value


def _source(path: Path, name: str, table: Any) -> Source:
    where = f"models.{name}: "
    if not _NAME.fullmatch(name) or name in CATALOG or name.endswith(".gguf"):
        raise _error(path, f"{where}this means something else already, or holds more than letters, digits, . _ -")
    if not isinstance(table, dict):
        raise _error(path, f"{where}a table is expected, as in [models.{name}]")
    _check_names(path, where, table, set(_TYPES))
    for entry, value in table.items():
        if complaint := _complaint(entry, value):
            raise _error(path, f"{where}{entry} is to be {complaint}")
    if "model" not in table:
        raise _error(path, f'{where}model is missing, such as model = "openai:NAME"')
    if "base_url" in table and not table["model"].startswith("openai:"):
        raise _error(path, f"{where}base_url goes with a model of a server, named openai:NAME")
    wishes: dict[str, Any] = {name: value for name, value in table.items() if name in _WISHES}
    if "stop" in wishes:
        wishes["stop"] = tuple(wishes["stop"])
    _check_prices(path, where, table)
    return Source(**{entry: v for entry, v in table.items() if entry not in _WISHES}, wishes=Wishes(**wishes))


def _complaint(entry: str, value: Any) -> str:
    """What an entry is to hold, where it holds something else; else ""."""
    kinds = _TYPES[entry]
    is_kind = isinstance(value, kinds) and not isinstance(value, bool)
    if is_kind and isinstance(value, list):
        is_kind = all(isinstance(item, str) and item for item in value)
    if not is_kind or (value == "" and entry not in _MAY_BE_EMPTY):
        return f"a {_WORDS[kinds[-1]]}"
    if entry in _CHOICES and value not in _CHOICES[entry]:
        return f"one of {', '.join(_CHOICES[entry])}"
    least, most = _RANGES.get(entry, (0, 0))
    if entry in _RANGES and not least <= value <= most:  # which NaN is not, either
        return f"from {least:.10g} to {most:.10g}"
    return ""


def _check_prices(path: Path, where: str, table: dict[str, Any]) -> None:
    names = ("prompt_price", "completion_price")
    prices = [table[name] for name in names if name in table]
    if len(prices) == 1:
        raise _error(path, f"{where}{' and '.join(names)} go together")


def _check_names(path: Path, where: str, table: dict[str, Any], known: set[str]) -> None:
    for name in table:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f": did you mean {near[0]}?" if near else f"; there are {', '.join(sorted(known))}"
            raise _error(path, f"{where}unknown entry {name}{hint}")


def _error(path: Path, what: str) -> SamplerError:
    return SamplerError(f"{path}: {what}", remedy=_REMEDY)


_REMEDY = "mend the file, or set ALPHASOLVE_CONFIG=0 to do without it"
