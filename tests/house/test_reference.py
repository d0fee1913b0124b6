"""The pages of the reference that are made from the code say what the code says."""

import sys
from pathlib import Path

import pytest

from lab4.analysis.figures import FIGURES
from lab4.analysis.gate.verdict import ExitCode

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "docs"))
from make_reference import PAGES  # noqa: E402  # a script next to what it writes


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="argparse prints options in another way from Python 3.13 on")
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_what_the_code_says(page, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    written = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    assert written == PAGES[page](), "run: python docs/make_reference.py"


def test_the_page_of_gates_has_every_exit_code_and_every_figure_that_a_gate_judges():
    text = (ROOT / "docs" / "reference" / "gates.md").read_text(encoding="utf-8")
    assert [code for code in ExitCode if f"\n| {int(code)} | " not in text] == []
    assert [name for name, figure in FIGURES.items() if figure.judged and f"`{name}`" not in text] == []
