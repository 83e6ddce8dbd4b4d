"""Where long German words may be divided, in the narrow places of plans.

Browsers know by themselves only where their makers put in a dictionary; the one that drives a display may
have none, and then divides between any two letters.
"""

import re
from functools import cache, lru_cache

from pyphen import Pyphen

SOFT_HYPHEN = "\N{SOFT HYPHEN}"
_LONG_WORD = re.compile(r"[^\W\d_]{9,}")


@cache
def german_dictionary() -> Pyphen:
    """The dictionary, read once per process; that takes half a second."""
    return Pyphen(lang="de_DE", left=3, right=3)


@lru_cache(maxsize=4096)
def hyphenated(text: str) -> str:
    """Return the text with soft hyphens between the syllables of its long words.

    For what is seen only: neither for attributes nor for what is stored, sent or compared.
    """
    return _LONG_WORD.sub(lambda word: german_dictionary().inserted(word.group(), SOFT_HYPHEN), text)
