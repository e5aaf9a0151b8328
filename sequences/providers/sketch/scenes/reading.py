"""From a prompt to what it asks for: scene family, weather, hour, light, palette, people, things and
framing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from . import lexicon as lex
from .lexicon import RGB

FAMILIES: tuple[str, ...] = tuple(lex.SCENES)
_NEGATIONS = frozenset(("no", "without", "not", "never"))
_EMPTY = frozenset(("empty", "deserted", "abandoned", "lonely road", "nobody"))
_LONGEST = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """One person. `coat` is an sRGB colour 0..1, or None when the prompt names none."""

    kind: str = "person"
    coat: RGB | None = None
    hood: bool = False
    umbrella: bool = False
    lantern: bool = False
    pose: str = "stand"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words said. An empty string or tuple means: the prompt does not say, the artist chooses."""

    family: str
    weather: str = ""
    time: str = ""
    lights: tuple[str, ...] = ()
    palette: str = ""
    figures: tuple[Figure, ...] = ()
    crowd: bool = False
    empty: bool = False
    props: frozenset[str] = frozenset()
    size: str = ""
    angle: str = ""
    view: str = ""
    known: bool = True
    umbrella: RGB | None = None
    seen: tuple[str, ...] = ()

    @property
    def wet(self) -> bool:
        return self.weather in ("rain", "wet", "storm")


def read(prompt: str) -> Reading:
    """Read a prompt. Unknown words are passed over; a prompt without any scene word gets a family by its
    hash.
    """
    words = tuple(_kept(_words(prompt)))
    terms = tuple(_terms(words))
    family, known = _family(prompt, terms)
    figures, crowd = _people(words)
    empty = not figures and any(word in _EMPTY for word in words)
    look = Reading(
        family=family, known=known, weather=_weather(terms), time=_first(terms,
                lex.TIMES), palette=_palette(words),
        lights=tuple(dict.fromkeys(lex.LIGHTS[t] for t in terms if t in lex.LIGHTS)),
        props=frozenset(lex.PROPS[t] for t in terms if t in lex.PROPS),
        size=_first(terms, lex.SIZES), angle=_first(terms, lex.ANGLES), view=_first(terms, lex.VIEWS),
        crowd=crowd, empty=empty, umbrella=_colour_before(words, "umbrella"),
        seen=tuple(t for t in terms if _is_known(t)),
    )
    return replace(look, figures=_dressed(figures, words, terms, look))


def _words(prompt: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", prompt.lower().replace("\u2019", "'").replace("@", " "))


def _kept(words: list[str]) -> Iterator[str]:
    """Words, less those a negation takes back ("no rain", "without people")."""
    skip = False
    for word in words:
        if not skip and word not in _NEGATIONS:
            yield word
        skip = word in _NEGATIONS


def _terms(words: tuple[str, ...]) -> Iterator[str]:
    """Every phrase of up to five words, longest first, and every word with its plural s taken off."""
    for length in range(_LONGEST, 1, -1):
        for start in range(len(words) - length + 1):
            phrase = " ".join(words[start:start + length])
            yield phrase
            if phrase.endswith("s"):
                yield phrase[:-1]
    for word in words:
        yield word
        yield from _singulars(word)


def _singulars(word: str) -> Iterator[str]:
    if word.endswith("ves"):
        yield word[:-3] + "f"
    if word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]


def _is_known(term: str) -> bool:
    tables: tuple[Mapping[str, object], ...] = (lex.WEATHERS, lex.TIMES, lex.LIGHTS, lex.PALETTE_WORDS,
                                                lex.PEOPLE, lex.PROPS,
                                                lex.SIZES, lex.ANGLES, lex.VIEWS, lex.POSES)
    return any(term in table for table in tables) or any(term in table for table in lex.SCENES.values())


def _first(terms: tuple[str, ...], table: Mapping[str, str]) -> str:
    return next((table[term] for term in terms if term in table), "")


def _weather(terms: tuple[str, ...]) -> str:
    """The strongest weather named: a storm swallows rain, rain swallows wet and haze."""
    named = {lex.WEATHERS[t] for t in terms if t in lex.WEATHERS}
    order = ("storm", "snow", "rain", "fog", "haze", "cloud", "wet", "clear")
    return next((weather for weather in order if weather in named), "")


def _family(prompt: str, terms: tuple[str, ...]) -> tuple[str, bool]:
    said = set(terms)
    scores = {name: sum(weight for term, weight in table.items() if term in said) for name,
              table in lex.SCENES.items()}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] >= 1:
        return best, True
    digest = hashlib.sha256(prompt.encode()).digest()
    return FAMILIES[digest[0] % len(FAMILIES)], False


def _palette(words: tuple[str, ...]) -> str:
    """The first colour word that describes light or air rather than a garment or a thing."""
    for index, word in enumerate(words):
        pair = " ".join(words[index:index + 2])
        triple = " ".join(words[index:index + 3])
        if pair in ("blue hour", "golden hour", "golden light", "white light"):
            continue
        for phrase in (triple, pair, word):
            if phrase in lex.PALETTE_WORDS and not _belongs(words, index):
                return lex.PALETTE_WORDS[phrase]
    return ""


def _belongs(words: tuple[str, ...], index: int) -> bool:
    """True when a colour word at `index` is that of a garment or thing one to three words on."""
    if words[index] not in lex.COLOURS:
        return False
    if index and words[index - 1] == "hour":
        return False
    return any(word in lex.GARMENTS or word.rstrip("s") in lex.THINGS for word in words[index + 1:index + 4])


def _colour_before(words: tuple[str, ...], noun: str) -> RGB | None:
    for index, word in enumerate(words):
        if word.rstrip("s") == noun:
            for back in words[max(0, index - 2):index]:
                if back in lex.COLOURS:
                    return lex.COLOURS[back]
    return None


def _people(words: tuple[str, ...]) -> tuple[list[Figure], bool]:
    """Figures in the order named, at most five, and whether there is a crowd."""
    mentions = [(word, _named(words, index)) for index, word in enumerate(words)]
    nouns = [kinds for word, kinds in mentions if kinds and word not in lex.PRONOUNS]
    pronouns = [kinds for _, kinds in mentions if kinds]
    crowd = any(word in lex.CROWDS for word in words)
    return [Figure(kind) for kind in _once(nouns or pronouns[:1])][:5], crowd


def _named(words: tuple[str, ...], index: int) -> list[str]:
    word = words[index]
    before = words[max(0, index - 2):index]
    count = next((lex.COUNTS[w] for w in reversed(before) if w in lex.COUNTS), 0)
    if word in lex.GROUPS:
        return ["woman", "man", "person", "man"][:lex.GROUPS[word]]
    if word in lex.PLURALS:
        return [lex.PLURALS[word]] * (count or 2)
    if word in lex.PEOPLE:
        return [lex.PEOPLE[word]] * max(1, count if word not in lex.PRONOUNS else 1)
    return []


def _once(mentions: list[list[str]]) -> list[str]:
    """A singer who is also "a woman" is one person: a kind named again, or a bare figure after anyone, adds nobody."""
    kept: list[str] = []
    for kinds in mentions:
        again = len(kinds) == 1 and (kinds[0] in kept or (kinds[0] == "person" and bool(kept)))
        if not again:
            kept += kinds
    return kept


def _dressed(figures: list[Figure], words: tuple[str, ...], terms: tuple[str, ...],
             look: Reading) -> tuple[Figure, ...]:
    coats = _coats(words)
    hood = any(word in words for word in ("hooded", "hood", "hoodie", "cloak", "cloaked"))
    pose = _first(terms, lex.POSES) or "stand"
    if not figures and (coats or hood or "umbrella" in look.props) and not look.empty:
        figures = [Figure("person")]
    dressed = []
    for index, figure in enumerate(figures):
        lead = index == 0
        coat = coats[index] if index < len(coats) else None
        dressed.append(replace(figure, coat=coat, hood=hood and (lead or figure.kind == "man"),
                               pose=pose if lead else "stand",
                               umbrella=lead and "umbrella" in look.props,
                               lantern=lead and "lantern" in look.props))
    return tuple(dressed)


def _coats(words: tuple[str, ...]) -> list[RGB]:
    """Colours of the garments named, in order."""
    found = []
    for index, word in enumerate(words):
        if word in lex.GARMENTS:
            colour = next((lex.COLOURS[w] for w in reversed(words[max(0,
                    index - 3):index]) if w in lex.COLOURS), None)
            if colour is not None:
                found.append(colour)
    return found
