"""The tokenizer: byte-pair pieces of our captions, single characters for Japanese, bytes for everything else."""

from __future__ import annotations

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from inference.pocket.world.captions import corpus

#: Padding must be 0 and the end 1: T5's convention.
SPECIAL = ("<pad>", "</s>", "<unk>")
#: Tokens a caption may have.
MAX_TOKENS = 128
_VOCABULARY = 700


def train_tokenizer(seed: int) -> PreTrainedTokenizerFast:
    """Train on captions alone; unknown characters fall back to bytes, so nothing is lost."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])  # type: ignore[assignment]
    # Japanese has no spaces: one token a character keeps every wording within the vocabulary.
    characters = pre_tokenizers.Split(Regex(r"[\p{Han}\p{Hiragana}\p{Katakana}ー]"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(  # type: ignore[assignment]
        [pre_tokenizers.Metaspace(), pre_tokenizers.Punctuation(), characters]
    )
    tokenizer.decoder = decoders.Sequence(  # type: ignore[assignment]
        [decoders.ByteFallback(), decoders.Metaspace(), decoders.Fuse()]
    )
    tokens = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256))]
    trainer = trainers.BpeTrainer(vocab_size=_VOCABULARY, special_tokens=list(SPECIAL), initial_alphabet=[], show_progress=False)
    trainer.special_tokens = tokens  # type: ignore[assignment]
    tokenizer.train_from_iterator(corpus(seed, 20_000), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(  # type: ignore[assignment]
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=MAX_TOKENS,
    )
