"""Attention over a prompt that many samples share, and a cache that never moves.

Transformers' own modelling code runs unchanged, for every architecture that takes part in its attention
interface; only the attention function is ours, and it keeps keys and values itself. A prompt's are stored once,
whatever the number of samples; each sample's own are written into preallocated rows. The two parts are attended
separately and merged by their log-sum-exp, as in blockwise softmax (Milakov and Gimelshein, 2018; Juravsky et
al., "Hydragen", 2024).

Not covered: attention that is not softmax over dot products (linear attention, state spaces), logit soft-caps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import AttentionInterface

from agent.engine import fused

NAME = "alphasolve_shared_prefix"
_STEP = 96


def register() -> None:
    """Make `attn_implementation=NAME` known to transformers."""
    AttentionInterface.register(NAME, _attention)


@dataclass(slots=True)
class PromptCache:
    """Keys and values of one prompt: per layer (kv heads, tokens, head size). Fills itself in a forward pass."""

    keys: list[Tensor] = field(default_factory=list)
    values: list[Tensor] = field(default_factory=list)

    def attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor, scale: float, window: int | None) -> Tensor:
        """Causal attention within the prompt; q is (1, heads, tokens, size), the result likewise."""
        assert layer == len(self.keys)
        self.keys.append(k[0].contiguous())
        self.values.append(v[0].contiguous())
        tokens = q.shape[2]
        if window is None or tokens <= window:
            return functional.scaled_dot_product_attention(q, k, v, is_causal=True, scale=scale, enable_gqa=True)
        place = torch.arange(tokens, device=q.device)
        distance = place[:, None] - place[None, :]
        mask = (distance >= 0) & (distance < window)
        return functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=scale, enable_gqa=True)


class Rows:
    """Keys and values of the samples under way, one row each, and how one decode step attends.

    Rows are allocated at full length and cleared piece by piece: memory that was never written takes no room, and
    nothing has to move when answers grow long.
    """

    def __init__(self, rows: int, length: int) -> None:
        """Have `rows` rows of at most `length` tokens."""
        self._rows = rows
        self._length = length
        self._ready = 0
        self._keys: list[Tensor] = []
        self._values: list[Tensor] = []
        self._lengths = torch.zeros(0, dtype=torch.long)
        self._groups: list[tuple[PromptCache, Tensor | None]] = []
        self._mask: Tensor | None = None

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self._rows

    @property
    def tokens(self) -> int:
        """Tokens that all rows together may hold."""
        return self._rows * self._length

    def begin_step(
        self, lengths: Sequence[int], groups: list[tuple[PromptCache, Tensor | None]], device: Any
    ) -> None:
        """Prepare a step of `len(lengths)` rows.

        Args:
            lengths: tokens that each row holds already.
            groups: every shared prompt with the indices of its rows, where None stands for all of them; none at
                all where each row holds its own prompt.
            device: where the tensors are.
        """
        self._lengths = torch.tensor(lengths, device=device)
        self._groups = groups
        self._mask = None
        self._make_room(max(lengths) + 1)

    @torch.inference_mode()
    def take_in(self, row: int, prompt: PromptCache) -> None:
        """Copy a prompt that no other row shares into `row`."""
        if not self._keys:
            for k, v in zip(prompt.keys, prompt.values, strict=True):
                self._add_layer(k, v)
        self._make_room(prompt.keys[0].shape[1])
        for layer, (k, v) in enumerate(zip(prompt.keys, prompt.values, strict=True)):
            self._keys[layer][row, :, : k.shape[1]] = k
            self._values[layer][row, :, : v.shape[1]] = v

    @torch.inference_mode()
    def move(self, source: int, target: int, length: int) -> None:
        """Copy one row onto another, so that the rows in use stay together."""
        for memory in (*self._keys, *self._values):
            memory[target, :, :length] = memory[source, :, :length]

    def attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor, scale: float, window: int | None) -> Tensor:
        """Write the step's keys and values, then attend to prompt and row; q is (rows, heads, 1, size)."""
        rows, heads, _, size = q.shape
        kv_heads = k.shape[1]
        if layer == len(self._keys):
            self._add_layer(k[0], v[0])
        place = torch.arange(rows, device=q.device)
        self._keys[layer][place, :, self._lengths] = k[:, :, 0]
        self._values[layer][place, :, self._lengths] = v[:, :, 0]
        query = q.reshape(rows, kv_heads, heads // kv_heads, size)
        found = self._attend_prompts(layer, query, scale, window) if self._groups else None
        out = fused.attended(query, self._keys[layer], self._values[layer], self._lengths, scale, window, found)
        if out is not None:
            return out.reshape(rows, heads, 1, size)
        own, own_weight = self._attend_rows(layer, query, scale, window)
        if found is None:
            return own.reshape(rows, heads, 1, size)
        prompt, prompt_weight = found
        share = torch.sigmoid(own_weight - prompt_weight).unsqueeze(-1)
        merged = own.float() * share + prompt.float() * (1 - share)
        return merged.to(q.dtype).reshape(rows, heads, 1, size)

    def _attend_rows(self, layer: int, q: Tensor, scale: float, window: int | None) -> tuple[Tensor, Tensor]:
        rows, _, group, _ = q.shape
        longest = int(self._lengths.max()) + 1
        mask = self._row_mask(longest, q.dtype, q.device, window)
        keys = self._keys[layer][:rows, :, :longest]
        values = self._values[layer][:rows, :, :longest]
        return _attend(q, keys, values, mask.expand(rows, 1, group, longest), scale)

    def _row_mask(self, longest: int, dtype: torch.dtype, device: Any, window: int | None) -> Tensor:
        """0 where a row may look, minus infinity elsewhere: (rows, 1, 1, longest)."""
        if self._mask is not None and window is None:
            return self._mask
        place = torch.arange(longest, device=device)
        invisible = place[None, :] > self._lengths[:, None]
        if window is not None:
            invisible |= self._lengths[:, None] - place[None, :] >= window
        mask = torch.zeros(invisible.shape, dtype=dtype, device=device).masked_fill_(invisible, -torch.inf)[
            :, None, None
        ]
        if window is None:
            self._mask = mask
        return mask

    def _attend_prompts(self, layer: int, q: Tensor, scale: float, window: int | None) -> tuple[Tensor, Tensor]:
        if len(self._groups) == 1:
            return self._attend_prompt(self._groups[0][0], layer, q, self._lengths, scale, window)
        out = torch.empty_like(q)
        weight = torch.empty(q.shape[:-1], dtype=torch.float32, device=q.device)
        for prompt, members in self._groups:
            assert members is not None
            out[members], weight[members] = self._attend_prompt(
                prompt, layer, q[members], self._lengths[members], scale, window
            )
        return out, weight

    def _attend_prompt(
        self, prompt: PromptCache, layer: int, q: Tensor, lengths: Tensor, scale: float, window: int | None
    ) -> tuple[Tensor, Tensor]:
        """All rows of one prompt as one long query: the prompt's keys are read once for all of them."""
        rows, kv_heads, group, size = q.shape
        keys, values = prompt.keys[layer], prompt.values[layer]
        mask = None
        if window is not None and keys.shape[1] + int(lengths.max()) >= window:
            place = torch.arange(keys.shape[1], device=q.device)
            invisible = keys.shape[1] + lengths[:, None] - place[None, :] >= window
            invisible[:, -1] &= ~invisible.all(
                dim=1
            )  # a row that sees nothing would divide by zero; it gets no weight below
            mask = torch.zeros(invisible.shape, dtype=q.dtype, device=q.device).masked_fill_(invisible, -torch.inf)
            mask = mask.repeat_interleave(group, dim=0)[None, None]
        long = q.permute(1, 0, 2, 3).reshape(1, kv_heads, rows * group, size)
        out, weight = _attend(long, keys[None], values[None], mask, scale)
        back = out.reshape(kv_heads, rows, group, size).permute(1, 0, 2, 3)
        weight_of_rows = weight.reshape(kv_heads, rows, group).permute(1, 0, 2)
        if window is not None:
            weight_of_rows = weight_of_rows.masked_fill((lengths + 1 >= window)[:, None, None], -torch.inf)
        return back, weight_of_rows

    def _add_layer(self, k: Tensor, v: Tensor) -> None:
        """Allocate a layer for keys and values like these, (kv heads, tokens, size)."""
        for memory, like in ((self._keys, k), (self._values, v)):
            shape = (self._rows, like.shape[0], self._length, like.shape[2])
            memory.append(torch.empty(shape, dtype=like.dtype, device=like.device))
            memory[-1][:, :, : self._ready] = 0

    def _make_room(self, length: int) -> None:
        """Let every row hold `length` tokens. Masked places must hold finite numbers, so they are cleared."""
        if length > self._ready:
            ready = min(length + _STEP, self._length)
            for memory in (*self._keys, *self._values):
                memory[:, :, self._ready : ready] = 0
            self._ready = ready


def _attention(
    module: Any, query: Tensor, key: Tensor, value: Tensor, _mask: Any, *, memory: Any, scaling: float,
    sliding_window: int | None = None, **_: Any,
) -> tuple[Tensor, None]:  # fmt: skip
    """What transformers calls in every layer; the result is (batch, tokens, heads, size)."""
    out = memory.attend(module.layer_idx, query, key, value, scaling, sliding_window)
    return out.transpose(1, 2), None


def _attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, scale: float) -> tuple[Tensor, Tensor]:
    """Softmax attention and its log-sum-exp; (batch, heads, queries, size) and (batch, heads, queries)."""
    if q.device.type == "cpu":
        return torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(  # type: ignore[no-any-return]
            q, k, v, 0.0, False, attn_mask=mask, scale=scale
        )
    scores = (q @ k.transpose(-1, -2)).float() * scale
    if mask is not None:
        scores = scores + mask
    weight = scores.logsumexp(-1)
    return (scores - weight.unsqueeze(-1)).exp().to(v.dtype) @ v, weight
