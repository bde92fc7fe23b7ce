"""Text embeddings, kept: members re-roll and remix the same words."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import torch
from diffusers import LTXConditionPipeline

from inference.errors import Unsupported
from inference.presets import Preset

KEPT = 64
"""Texts a model: 2 MB each for the largest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """A text as the transformer takes it: (1, tokens, width) and the mask of what is no padding, (1, tokens)."""

    embeds: torch.Tensor
    mask: torch.Tensor


class TextCache:
    """The newest embeddings of one loaded pipeline."""

    def __init__(self, pipeline: LTXConditionPipeline, preset: Preset) -> None:
        self._pipeline = pipeline
        self._preset = preset
        self._kept: OrderedDict[tuple[str, int], Embedded] = OrderedDict()

    def embed(self, *texts: str) -> list[Embedded]:
        """Each text, padded to one length. Raises Unsupported where one is longer than the preset allows."""
        length = max(self._tokens(text) for text in texts)
        if self._pipeline.transformer.dtype != torch.float32:
            # Padding is masked, so its length changes rounding only: at 32 bits that is nothing and short texts are
            # cheaper; at 16 bits stay with the length that everyone else pads to.
            length = self._preset.max_prompt_tokens
        return [self._embedded(text, length) for text in texts]

    def _tokens(self, text: str) -> int:
        count = len(self._pipeline.tokenizer(text).input_ids)
        limit = self._preset.max_prompt_tokens
        if count > limit:
            raise Unsupported(
                preset=self._preset.name,
                capability=f"a prompt of {count} tokens (at most {limit})",
                presets="unknown to the engine",
            )
        return count

    def _embedded(self, text: str, length: int) -> Embedded:
        key = (text, length)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        embeds, mask, _, _ = self._pipeline.encode_prompt(
            text, do_classifier_free_guidance=False, max_sequence_length=length
        )
        self._kept[key] = Embedded(embeds=embeds, mask=mask)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]
