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
    *("beside", "untold", "nobody", "mend", "mends", "mended", "restless", "purse", "neighbour", "neighbours", "told"),
    *("tells", "unweighed", "weighed", "likeness"),
)
#: Where earlier names are read: there they are data.
EARLIER = {"lab4/history/earlier.py"}
#: Earlier names that still work and are documented as such.
ALIASES = ("lab4 gate bless", "_EARLIER_APPROVE")
PAGES = [ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("docs/guide/*.md"), *ROOT.glob("docs/reference/*.md")]
SOURCES = [*ROOT.glob("lab4/**/*.py"), *ROOT.glob("lab4/**/*.j2")]


def others():
    """Every word that is not to be used, as a pattern."""
    listed = [word for term in terms() for word in term.get("instead_of", ())]
    return re.compile(rf"\b({'|'.join(map(re.escape, [*listed, *DIALECT]))})\b", re.IGNORECASE)


def test_the_glossary_is_what_its_table_says():
    written = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert written == glossary(), "run: python docs/make_glossary.py"


@pytest.mark.parametrize("path", [*PAGES, *SOURCES], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_words_of_the_glossary_are_used(path):
    if path.relative_to(ROOT).as_posix() in EARLIER:
        pytest.skip("earlier names are data here")
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    checked = ((number, line) for number, line in lines if not any(alias in line for alias in ALIASES))
    assert [f"{number}: {line.strip()}" for number, line in checked if others().search(line)] == []


def test_another_word_is_found():
    assert others().search("the bless command")
    assert not others().search("retold, as storytellers do")
