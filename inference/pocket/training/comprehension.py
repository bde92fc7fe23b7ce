"""What the text encoder learns besides: to tell from the words alone what the clip will show.

Of "a red ball. make it blue" two colours are words, and one is meant. Clips teach that slowly, a dozen a step; captions
are read by the hundred, and cost no picture.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedTokenizerFast

from inference.pocket.world.captions import tell
from inference.pocket.world.scene import Colour, Daytime, Look, Motion, Scene, Setting, Subject, sample_scene

#: What is asked of every caption, and how it is read off a scene.
QUESTIONS: dict[type[StrEnum], Callable[[Scene], StrEnum]] = {
    Subject: lambda scene: scene.subject,
    Colour: lambda scene: scene.colour,
    Motion: lambda scene: scene.motion,
    Setting: lambda scene: scene.setting,
    Daytime: lambda scene: scene.daytime,
    Look: lambda scene: scene.look,
}


class Comprehension(nn.Module):
    """One attention and one linear layer a question: what a transformer's cross-attention could read too."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(len(QUESTIONS), width) / width**0.5)
        self.answers = nn.ModuleList(nn.Linear(width, len(kind)) for kind in QUESTIONS)

    def forward(self, embedding: Tensor, mask: Tensor) -> list[Tensor]:
        """Logits [captions, answers] by question, for embeddings [captions, words, width]."""
        scores = torch.einsum("qd,bwd->bqw", self.queries, embedding)
        shares = scores.masked_fill(~mask[:, None], float("-inf")).softmax(dim=-1)
        read = shares @ embedding
        return [answer(read[:, i]) for i, answer in enumerate(self.answers)]


def questions(
    tokenizer: PreTrainedTokenizerFast, rng: np.random.Generator, count: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Fresh captions as token ids and mask, [count, words], and the right answers, [count, questions]."""
    scenes = [sample_scene(rng) for _ in range(count)]
    words = tokenizer([tell(scene, rng).text for scene in scenes], padding="longest", return_tensors="pt")
    right = [[list(kind).index(of(scene)) for kind, of in QUESTIONS.items()] for scene in scenes]
    return words.input_ids, words.attention_mask.bool(), torch.tensor(right)


def comprehension_loss(text: nn.Module, head: Comprehension, asked: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Mean cross entropy over questions; what a caption leaves open keeps it from zero."""
    device = head.queries.device
    words, mask, right = (part.to(device) for part in asked)
    logits = head(text(words, attention_mask=mask)[0], mask)
    losses = [functional.cross_entropy(guess, right[:, i]) for i, guess in enumerate(logits)]
    return torch.stack(losses).mean()
