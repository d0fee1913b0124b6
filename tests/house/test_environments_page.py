"""The page about environments names what the tests of it check."""

from lab4.environment import _FOLDERS, _OF_PYTEST


def test_the_page_names_every_variable_that_is_made_absolute_or_left_out(pytestconfig):
    page = (pytestconfig.rootpath / "docs" / "reference" / "environments.md").read_text(encoding="utf-8")
    aliases = {"TEMP", "TMP", "PYTEST_XDIST_"}  # of TMPDIR on Windows; of xdist, which the page calls by its name
    assert [name for name in (*_FOLDERS, *_OF_PYTEST) if name not in aliases and f"`{name}`" not in page] == []
