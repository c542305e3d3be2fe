"""How a model likes to be asked: a profile for the model behind a name, and for each entry of it the reason.

What the user says counts most, on the command line and then in the own file; then what is known of the model: the
catalogue, the chat template of one on this machine, its `generation_config`, or the name where it is unmistakable.
Else it is neutral: a model on this machine has its answer begun for it, and a server's, of which nobody knows
whether it takes that, is asked for a block of code.

Not covered: `top_k`, `min_p` and penalties of a `generation_config`, which the engine does not know.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from agent.models.config import find_source
from agent.models.facts import Facts, Kind, facts_of
from agent.profile import NEUTRAL, NO_WISHES, QWEN25, Form, Profile, Wishes
from agent.sampling import SamplerError
from agent.thinking import ANSWER_TOKENS, Effort, Thinking, tags_of, takes_switch

_PATIENT_SECONDS = 3600.0
_LOCAL_THOUGHTS = {Effort.OFF: 0, Effort.LOW: 1024, Effort.MEDIUM: 4096, Effort.HIGH: 16384}
"""Tokens. A model on this machine answers after them, however far it came."""
_REMOTE_THOUGHTS = {Effort.OFF: 0, Effort.LOW: 4096, Effort.MEDIUM: 16384, Effort.HIGH: 32768}
"""Tokens. At a server an answer that needs more is lost, so that there is more room."""
_NOTHING_KNOWN = "nothing is known that says otherwise"
_USUAL = {
    "system": "left to the model's own template",
    "stop": "none beside the problem's own",
    "max_seconds": "usual for a model on this machine",
}
_ROOM = {
    Form.PREFILL: "room for a program",
    Form.FENCE: "room for a program with words around it",
    Form.THINK: "room for thoughts, and a program with words around it",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A profile, and why it is this one."""

    profile: Profile
    reasons: dict[str, str]
    """By field of the profile, in a few words."""


class _Draft:
    """A profile while it is made: for each entry the last word on it, and whose that was."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {field.name: getattr(NEUTRAL, field.name) for field in fields(Profile)}
        self.values["reasoning"] = Effort.AUTO
        self.reasons = dict.fromkeys(self.values, _NOTHING_KNOWN) | _USUAL
        self._entries: set[str] = set()

    def say(self, why: str, **values: Any) -> None:
        """Take a word on some entries; None is none."""
        words = {name: value for name, value in values.items() if value is not None}
        self.values |= words
        self.reasons |= dict.fromkeys(words, why)
        self._entries |= set(words)

    def is_open(self, name: str) -> bool:
        """Whether nothing was said on an entry."""
        return name not in self._entries

    @property
    def form(self) -> Form:
        """How answers begin."""
        return Form(self.values["form"])

    @property
    def effort(self) -> Effort:
        """How hard the model is to think."""
        return Effort(self.values["reasoning"])

    def choice(self) -> Choice:
        """What came out."""
        names = [field.name for field in fields(Profile)]
        return Choice(Profile(**{name: self.values[name] for name in names}), {n: self.reasons[n] for n in names})


class _Natural(NamedTuple):
    """How a model's answers begin where nobody wishes otherwise."""

    form: Form
    why: str


def choose(name: str, wishes: Wishes = NO_WISHES) -> Choice:
    """How the model called `name` is asked.

    Args:
        name: whatever `--model` takes.
        wishes: what the command line says.

    Raises:
        SamplerError: the user's file cannot be read, or what the user says does not go together.
    """
    source = find_source(name)
    facts = facts_of(source.model)
    draft = _Draft()
    _say_what_is_known(draft, facts)
    natural = _Natural(draft.form, draft.reasons["form"])
    _say_what_is_wished(draft, f"[models.{name}] in your file", source.wishes)
    _say_what_is_wished(draft, "the command line", wishes)
    _settle_form(draft, facts, natural)
    _settle_thoughts(draft, facts, natural)
    _settle_limits(draft, facts)
    return draft.choice()


def _say_what_is_known(draft: _Draft, facts: Facts) -> None:
    """What the model itself, or its name, says."""
    if facts.kind is Kind.CATALOGUE:
        why = "the catalogue: as it was measured"
        draft.say(why, form=QWEN25.form, system=QWEN25.system)
        draft.say(why, temperature=QWEN25.temperature, top_p=QWEN25.top_p)
        return
    if facts.kind is Kind.SERVER:
        draft.say(f"{_NOTHING_KNOWN} of this name", form=Form.FENCE)
    if (family := facts.family) is not None:
        why = f"its name: {family.title}"
        draft.say(f"{why} {family.remark}", form=family.form)
        draft.say(why, system=family.system or None, temperature=family.temperature, top_p=family.top_p)
    if facts.template:
        _say_what_the_template_says(draft, facts, facts.template)
    if facts.generation.get("do_sample", True):
        own = {name: facts.generation.get(name) for name in ("temperature", "top_p")}
        draft.say("its generation_config", **{name: value for name, value in own.items() if _is_amount(value)})


def _say_what_the_template_says(draft: _Draft, facts: Facts, template: str) -> None:
    if QWEN25.system in template:
        draft.say("its chat template has this line", system=QWEN25.system)
    else:
        draft.say("left to its chat template", system="")
    if (tags := tags_of(template)) is not None:
        switch = "takes enable_thinking" if takes_switch(template) else "opens one for the answer"
        draft.say(f"its chat template knows {tags.start} and {switch}", form=Form.THINK)
    elif facts.family is None or facts.family.form is not Form.THINK:
        draft.say("its chat template has no thoughts in it", form=Form.PREFILL)


def _is_amount(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= 2


def _say_what_is_wished(draft: _Draft, why: str, wishes: Wishes) -> None:
    draft.say(
        why,
        form=None if wishes.answer_form is None else Form(wishes.answer_form),
        reasoning=None if wishes.reasoning is None else Effort(wishes.reasoning),
        system=wishes.system,
        temperature=wishes.temperature,
        top_p=wishes.top_p,
        stop=wishes.stop,
        max_tokens=wishes.max_tokens,
        max_seconds=wishes.max_seconds,
    )


def _settle_form(draft: _Draft, facts: Facts, natural: _Natural) -> None:
    """How answers begin, given how hard the model is to think.

    Raises:
        SamplerError: it is to think and cannot, or may not.
    """
    effort = draft.effort
    if effort is Effort.OFF and draft.form is Form.THINK:
        draft.say("thoughts are switched off", form=Form.FENCE if facts.kind is Kind.SERVER else Form.PREFILL)
    if effort in (Effort.AUTO, Effort.OFF) or draft.form is Form.THINK:
        return
    if facts.kind is Kind.SERVER and facts.family is None and draft.form is natural.form:
        draft.say(f"--reasoning {effort} asks for thoughts", form=Form.THINK)
        return
    obstacle = f"{facts.name} does not think ({natural.why})"
    if draft.form is not natural.form:
        obstacle = f"the answer form {draft.form} leaves no room for them"
    raise SamplerError(
        f"--reasoning {effort} asks for thoughts, but {obstacle}",
        remedy="leave out --reasoning; --answer-form think is for a model of which this is not known",
    )


def _settle_thoughts(draft: _Draft, facts: Facts, natural: _Natural) -> None:
    """What requests say about thoughts.

    Raises:
        SamplerError: they cannot be switched off.
    """
    effort, family, is_remote = draft.effort, facts.family, facts.kind is Kind.SERVER
    has_switch = family.has_switch if is_remote and family is not None else takes_switch(facts.template or "")
    thinking = None
    if draft.form is Form.THINK:
        takes_words = is_remote and (family is None or family.has_efforts)
        word = str(effort) if takes_words and effort is not Effort.AUTO else None
        thinking = Thinking(effort, _thought_tokens(draft, facts), has_switch, word)
    elif natural.form is Form.THINK:
        word = family.least_effort if is_remote and family is not None else None
        if is_remote and not has_switch and word is None:
            raise SamplerError(
                f"{facts.name} thinks whatever it is told ({natural.why})",
                remedy="--reasoning low, or a smaller --max-tokens, bounds what that costs",
            )
        thinking = Thinking(Effort.OFF, 0, has_switch, word)
    elif is_remote and family is None and effort is Effort.OFF:
        thinking = Thinking(Effort.OFF, 0, word="none")
    draft.values["thinking"] = thinking
    draft.reasons["thinking"] = draft.reasons["form" if effort is Effort.AUTO else "reasoning"]


def _thought_tokens(draft: _Draft, facts: Facts) -> int:
    """How long a thought may grow: what the user's limit leaves, or as the effort says."""
    if not draft.is_open("max_tokens"):
        return int(draft.values["max_tokens"])  # less the answer, see `Thinking.within`
    table = _REMOTE_THOUGHTS if facts.kind is Kind.SERVER else _LOCAL_THOUGHTS
    tokens = table[Effort.MEDIUM if draft.effort is Effort.AUTO else draft.effort]
    return tokens if facts.context is None else min(tokens, facts.context // 4)


def _settle_limits(draft: _Draft, facts: Facts) -> None:
    """How long an answer may be, and how long all of them may take."""
    thinking: Thinking | None = draft.values["thinking"]
    if draft.is_open("max_tokens"):
        draft.say(_ROOM[draft.form], max_tokens=_most_tokens(draft.form, thinking, facts))
    if thinking is not None:
        draft.values["thinking"] = thinking.within(draft.values["max_tokens"])
    if draft.is_open("max_seconds") and (draft.form is Form.THINK or facts.kind is Kind.SERVER):
        why = "thoughts take time" if draft.form is Form.THINK else "a server does the work"
        draft.say(why, max_seconds=_PATIENT_SECONDS)


def _most_tokens(form: Form, thinking: Thinking | None, facts: Facts) -> int:
    """Of a completion, where nobody says."""
    if form is Form.PREFILL:
        return NEUTRAL.max_tokens
    own = ANSWER_TOKENS if facts.context is None else min(ANSWER_TOKENS, facts.context // 4)
    return own + (thinking.tokens if thinking is not None else 0)
