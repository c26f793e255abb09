"""Finding operations on tensors by the field's words, whichever way these are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import product

from harness.catalogue import UsageError, frameworks, lessons, load_lesson
from harness.operations import differences
from harness.sources import excerpts
from impls.spec import FunctionLesson

WHOLE, BEGINNING, WITHIN = PATTERNS = r"(?<!\w){}(?!\w)", r"(?<!\w){}", r"{}"  # of a word in a text

Rank = tuple[int, int]
"""How well a text matches, the lower the better: which of ``PATTERNS``, and how many texts it took."""


def found(words: Sequence[str]) -> list[tuple[str, str]]:
    """Lesson and name of each operation that has all these words, the best matches first.

    A name that equals the words comes first; then those with the words in their name, in their meaning too, in their
    calls too, in what is known of their edges too, as whole words before beginnings of words. What has them within
    other words alone counts only where nothing else is found.

    Args:
        words: in any case, hyphens and underscores as good as spaces; none means all operations.
    """
    sought = _plain(" ".join(words))
    ranks = {key: rank for key, texts in _operations() if (rank := _rank(sought, texts)) is not None}
    as_words = [key for key, (pattern, _) in ranks.items() if PATTERNS[pattern] != WITHIN]
    return sorted(as_words or ranks, key=lambda key: ranks[key])


def found_lessons(words: Sequence[str]) -> list[str]:
    """Lessons of functions, which have no operations, whose name or title has all these words; none for no words."""
    sought = _plain(" ".join(words)).split()
    loaded = {name: load_lesson(name) for name in lessons() if sought}
    titles = {name: _plain(f"{name} {lesson.title}") for name, lesson in loaded.items() if lesson.kind == "functions"}
    return [name for name, title in titles.items() if all(_has(WHOLE, word, title) for word in sought)]


def refuse(words: Sequence[str]) -> None:
    """Say that nothing has these words.

    Raises:
        UsageError: always.
    """
    raise UsageError(
        f"no operation has {' '.join(words)!r} in its name, meaning, calls or edges, and no lesson of functions in its "
        "title; try another word."
    )


def _operations() -> Iterator[tuple[tuple[str, str], list[str]]]:
    """Of every operation: lesson and name, and its texts from the most telling to the least."""
    for lesson in lessons():
        loaded = load_lesson(lesson)
        for name, operation in loaded.operations.items() if isinstance(loaded, FunctionLesson) else ():
            calls = [excerpts(lesson, framework)[name].call for framework in _with(lesson, name)]
            edges = [each.where for each in differences(lesson) if name in each.operations]
            texts = [name, operation.does, " ".join(calls), " ".join([lesson, *edges])]
            yield (lesson, name), [_plain(text) for text in texts]


def _with(lesson: str, name: str) -> list[str]:
    return [framework for framework in frameworks() if name in excerpts(lesson, framework)]


def _rank(sought: str, texts: Sequence[str]) -> Rank | None:
    """How well the texts match; None where they do not."""
    if texts[0] == sought:
        return 0, 0
    for pattern, count in product(range(len(PATTERNS)), range(1, len(texts) + 1)):
        text = " ".join(texts[:count])
        if all(_has(PATTERNS[pattern], word, text) for word in sought.split()):
            return pattern, count
    return None


def _has(pattern: str, word: str, text: str) -> bool:
    return re.search(pattern.format(re.escape(word)), text) is not None


def _plain(text: str) -> str:
    return " ".join(re.sub("[-_]", " ", text.lower()).split())
