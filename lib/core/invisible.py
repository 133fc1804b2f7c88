"""Characters that show nothing and come along when text is copied from chats, pages and documents.

Soft hyphens, zero-width spaces, word joiners, byte order marks, marks of the reading direction: an
ID with one of them looks right and is another. Source: Unicode 16, Default_Ignorable_Code_Point,
without what draws something (variation selectors, tags of flags) and without letters' own fillers.
"""

from typing import Final

_WITHOUT_MEANING: Final = "\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff"
# Persian and Indic words and joined emoji have the joiners; Arabic and Hebrew names the directions.
_OF_WORDS: Final = "\u061c\u200c\u200d\u200e\u200f" + "".join(
    map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x2070)))
)
INVISIBLE: Final = _WITHOUT_MEANING + _OF_WORDS
"""All of them, each once."""
SPACES: Final = "".join(one for one in map(chr, range(0x3001)) if one.isspace())
"""What `str.strip` takes away when it is told nothing, to be taken away with others."""
_NONE: Final = dict.fromkeys(map(ord, INVISIBLE))
_NONE_WITHOUT_MEANING: Final = dict.fromkeys(map(ord, _WITHOUT_MEANING))


def without_invisible(text: str) -> str:
    """A code (an ID, a token, an address, a key) without any of them: none ever belongs to it."""
    return text.translate(_NONE)


def unfinished_words(text: str) -> str:
    """Words that somebody may still be typing, without those that never mean anything."""
    return text.translate(_NONE_WITHOUT_MEANING)


def typed_words(text: str) -> str:
    """Words (a name, what to search for) without those that came along, and no space around.

    Inside, joiners and marks of direction stay: they can belong to a name, which is found by
    nothing but what it is. At the ends they do nothing.
    """
    return unfinished_words(text).strip(SPACES + _OF_WORDS)
