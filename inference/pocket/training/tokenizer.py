"""The tokenizer: byte-pair pieces of our captions, single characters for Japanese, bytes for everything else."""

from __future__ import annotations

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from inference.pocket.training.config import Training
from inference.pocket.world.orders import corpus
from inference.pocket.world.vocabulary import vocabulary

#: Padding must be 0 and the end 1: T5's convention.
PAD, END, UNKNOWN = SPECIAL = ("<pad>", "</s>", "<unk>")
#: Tokens a caption may have.
MAX_TOKENS = 256
_VOCABULARY = 1000


def train_tokenizer(seed: int, texts: int = 20_000) -> PreTrainedTokenizerFast:
    """Train on captions alone; unknown characters fall back to bytes, so nothing is lost."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    # Japanese has no spaces: one token a character keeps every wording within the vocabulary.
    characters = pre_tokenizers.Split(Regex(r"[\p{Han}\p{Hiragana}\p{Katakana}ー]"), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(), pre_tokenizers.Punctuation(), characters]
    )
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(), decoders.Fuse()])
    tokens = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256))]
    trainer = trainers.BpeTrainer(vocab_size=_VOCABULARY, special_tokens=tokens, show_progress=False)
    tokenizer.train_from_iterator(corpus(seed, texts), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        unk_token=UNKNOWN,
        model_max_length=MAX_TOKENS,
    )


def load_tokenizer(config: Training) -> PreTrainedTokenizerFast:
    """The tokenizer that the weights at hand were trained with: the run's own, else the shipped one, else a new one.

    Another tokenizer would leave trained weights with scrambled words, and any change of the captions makes another. So
    the shipped one is kept for as long as it was made for the captions there are: where it was not, a run begins with
    a new one, and `warm.adopt` takes the rows of the tokens that both have.
    """
    own = config.folder / "tokenizer"
    if not own.exists():
        shipped = config.model / "tokenizer"
        kept = config.warm and shipped.exists() and knows_all(PreTrainedTokenizerFast.from_pretrained(shipped))
        first = PreTrainedTokenizerFast.from_pretrained(shipped) if kept else train_tokenizer(config.seed)
        first.save_pretrained(own)
    tokenizer: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(own)
    return tokenizer


def knows_all(tokenizer: PreTrainedTokenizerFast) -> bool:
    """Whether every character of the captions has a token, so that none falls to pieces as bytes."""
    tokens = set(tokenizer.get_vocab())
    return set("".join(vocabulary().english + vocabulary().japanese).replace(" ", "")) <= tokens
