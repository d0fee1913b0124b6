"""The pages of the reference that are made from the code say what the code says."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "docs"))
from make_reference import PAGES  # noqa: E402  # a script next to what it writes


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="argparse prints options in another way from Python 3.13 on")
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_what_the_code_says(page, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    written = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    assert written == PAGES[page](), "run: python docs/make_reference.py"
