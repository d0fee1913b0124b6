"""One word for one thing: the page is made from its table, and other words for these things appear nowhere."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "docs"))
from make_glossary import glossary, terms  # noqa: E402  # a script next to what it writes

#: Words of a private dialect, for which the language has plain ones.
DIALECT = (
    "beside",
    "nobody",
    "stands",
    "stood",
    "told",
    "tells",
    "quiet-machine",
    "to go on with",
    "outlived",
    "nudge",
)
#: Things of which there is one amount "per" each, not "a" each.
NOUNS = (
    *("axis", "batch", "byte", "call", "cell", "class", "core", "epoch", "figure", "file", "image", "line", "model"),
    *("process", "round", "row", "run", "sample", "session", "side", "step", "table", "thread", "value", "window"),
)
AMOUNT = (
    r"(?:\b(?:one|two|a thousand|\d[\d.,]*) (?!(?:as|at|for|from|in|of|on|than|that|to|when|where|which|with)\b)\w+"
    r"|\b(?:ms|us|once))"
)
#: Where earlier names are read: there they are data.
EARLIER = {"lab4/history/earlier.py"}
#: Earlier names that still work and are documented as such.
ALIASES = ("lab4 gate bless", "_EARLIER_APPROVE", "--in-turns")
PAGES = [
    path
    for pattern in ("README.md", "docs/*.md", "docs/guide/*.md", "docs/methods/*.md", "docs/reference/*.md")
    for path in ROOT.glob(pattern)
]
SOURCES = [path for pattern in ("lab4/**/*.py", "lab4/**/*.j2", "benchmarks/**/*.py") for path in ROOT.glob(pattern)]


def others():
    """Every word that is not to be used, and "a" in place of "per", as a pattern."""
    listed = [word for term in terms() for word in term.get("instead_of", ())]
    words = rf"\b(?:{'|'.join(map(re.escape, [*listed, *DIALECT]))})\b"
    return re.compile(rf"{words}|{AMOUNT} an? (?:{'|'.join(NOUNS)})\b", re.IGNORECASE)


def test_the_glossary_is_what_its_table_says():
    written = (ROOT / "docs" / "reference" / "glossary.md").read_text(encoding="utf-8")
    assert written == glossary(), "run: python docs/make_glossary.py"


def test_no_word_has_two_meanings_and_none_is_a_term_and_replaced():
    names = [term["name"] for term in terms()]
    replaced = [word for term in terms() for word in term.get("instead_of", ())]
    assert len(set(names)) == len(names)
    assert len(set(replaced)) == len(replaced)
    assert not set(names) & set(replaced)


@pytest.mark.parametrize("path", [*PAGES, *SOURCES], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_words_of_the_glossary_are_used(path):
    if path.relative_to(ROOT).as_posix() in EARLIER:
        pytest.skip("earlier names are data here")
    pattern = others()
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    checked = ((number, line) for number, line in lines if not any(alias in line for alias in ALIASES))
    assert [f"{number}: {line.strip()}" for number, line in checked if pattern.search(line)] == []


@pytest.mark.parametrize("text", ["the bless command", "A note stands beside it.", "40 ms a call", "One line a cell:"])
def test_another_word_is_found(text):
    assert others().search(text)


@pytest.mark.parametrize("text", ["retold, as storytellers do", "40 ms per call", "one of a cell", "It calls a model."])
def test_other_sentences_are_left(text):
    assert not others().search(text)
