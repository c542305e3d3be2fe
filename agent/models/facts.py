"""What is known of a model before it is loaded: chat template, own sampling settings, context, and name.

Small files are read, from its folder, from the hub or its cache, or from the head of a GGUF file: no weights. No
server is asked. What cannot be had is as if it was not there.

Not covered: what follows from it (`agent.models.profiles`).
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.models.catalog import CATALOG
from agent.models.families import family_of
from agent.models.weights import HUB_SECONDS, is_offline, unknown_model
from agent.sampling import SamplerError

if TYPE_CHECKING:
    from agent.models.families import Family

_SMALL_FILES = ["config.json", "generation_config.json", "tokenizer_config.json", "chat_template.jinja"]
_MOST_BYTES = 1 << 24
"""Of a file that is read."""


class Kind(enum.StrEnum):
    """Where a model is."""

    CATALOGUE = "catalogue"
    LOCAL = "local"
    """On this machine, or to be fetched to it."""
    SERVER = "server"
    SCRIPT = "script"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one model."""

    kind: Kind
    name: str
    """For a server, the name there."""
    family: Family | None = None
    """That of its name."""
    template: str | None = None
    """Its chat template, "" where it has none; None where that is not known."""
    generation: Mapping[str, Any] = field(default_factory=dict)
    """Its `generation_config`."""
    context: int | None = None
    """Tokens that prompt and answer may have together."""


def facts_of(name: str) -> Facts:
    """What is known of the model behind a name as `Source.model` has it.

    Raises:
        SamplerError: it is no name of a model, or the file is not there.
    """
    if name in CATALOG:
        return Facts(Kind.CATALOGUE, name)
    for prefix, kind in (("openai:", Kind.SERVER), ("scripted:", Kind.SCRIPT)):
        if name.startswith(prefix):
            own = name.removeprefix(prefix)
            return Facts(kind, own, family_of(own) if kind is Kind.SERVER else None)
    path = Path(name).expanduser()
    if path.suffix == ".gguf":
        return _of_gguf(path)
    if not path.is_dir() and (name.count("/") != 1 or name.startswith((".", "/", "~"))):
        raise unknown_model(name)
    folder = path if path.is_dir() else _from_hub(name)
    return Facts(Kind.LOCAL, name, family_of(name)) if folder is None else _of_folder(name, folder)


def _from_hub(name: str) -> Path | None:
    """A folder with the small files of a model of the hub; None where there is none, or no hub."""
    import huggingface_hub

    try:
        folder = huggingface_hub.snapshot_download(
            name, allow_patterns=_SMALL_FILES, etag_timeout=HUB_SECONDS, local_files_only=is_offline()
        )
    except Exception:  # noqa: BLE001 - the library's transport has errors of its own; loading the model tells of them
        return None
    return Path(folder)


def _of_folder(name: str, folder: Path) -> Facts:
    config = _json(folder / "config.json")
    text_config = config.get("text_config")
    context = (text_config if isinstance(text_config, dict) else config).get("max_position_embeddings")
    return Facts(
        Kind.LOCAL,
        name,
        family_of(name),
        _template(folder),
        _json(folder / "generation_config.json"),
        context if isinstance(context, int) else None,
    )


def _template(folder: Path) -> str:
    """The chat template, which is a file of its own or in the tokenizer's settings, alone or as one of several."""
    own = folder / "chat_template.jinja"
    if own.is_file() and own.stat().st_size <= _MOST_BYTES:
        return own.read_text(encoding="utf-8", errors="replace")
    template = _json(folder / "tokenizer_config.json").get("chat_template")
    if isinstance(template, list):
        named = {each.get("name"): each.get("template") for each in template if isinstance(each, dict)}
        template = named.get("default")
    return template if isinstance(template, str) else ""


def _json(path: Path) -> dict[str, Any]:
    """The object in a file; {} where there is none."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return {}
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _of_gguf(path: Path) -> Facts:
    """What the head of a GGUF file says."""
    if not path.is_file():
        raise SamplerError(f"{path}: no such file", remedy="check the path of the .gguf file")
    from agent.engine.gguf_reader import GgufReader

    name = path.stem
    try:
        heads = GgufReader(path).fields
        architecture = heads["general.architecture"].contents()
        template, context = (
            heads[key].contents() if key in heads else None
            for key in ("tokenizer.chat_template", f"{architecture}.context_length")
        )
    except (OSError, ValueError, KeyError, IndexError):
        return Facts(Kind.LOCAL, name, family_of(name))
    return Facts(
        Kind.LOCAL,
        name,
        family_of(name),
        template if isinstance(template, str) else "",
        context=int(context) if context else None,
    )
