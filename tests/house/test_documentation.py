"""What is documented exists, and what exists is documented."""

import re

import pytest

import lab4
from lab4.plugin.options import OPTIONS


@pytest.fixture(scope="module")
def readme(pytestconfig):
    return (pytestconfig.rootpath / "README.md").read_text(encoding="utf-8")


def test_every_option_in_the_readme_exists(readme):
    assert set(re.findall(r"--lab4-[a-z-]+", readme)) <= {option.flag for option in OPTIONS}


def test_the_readme_is_read_in_two_minutes(readme):
    words = re.sub(r"```.*?```|\|.*\|", "", readme, flags=re.DOTALL).split()
    assert len(words) <= 480  # at 240 words a minute


def test_lines_of_the_readme_fit_a_screen(readme):
    assert [line for line in readme.splitlines() if len(line) > 160] == []


def test_the_map_names_every_room(pytestconfig):
    rooms = [path.parent.name for path in (pytestconfig.rootpath / "lab4").glob("*/__init__.py")]
    for page, written in (("docs/design.md", "`lab4/{}/`"), ("CONTRIBUTING.md", "`{}/`")):
        text = (pytestconfig.rootpath / page).read_text(encoding="utf-8")
        assert [room for room in rooms if written.format(room) not in text] == []


def test_the_citation_is_of_this_version(pytestconfig):
    citation = (pytestconfig.rootpath / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (.+)$", citation, re.MULTILINE)[1] == lab4.__version__


def test_the_commands_of_the_readme_are_environments_of_tox(pytestconfig, readme):
    tox = (pytestconfig.rootpath / "tox.ini").read_text(encoding="utf-8")
    named = set(re.findall(r"tox -e ([a-z0-9,]+)", readme))
    assert {"worksheet", "tests"} <= named
    for name in named:
        assert f"[testenv:{name}]" in tox


def anchors(text):
    """The anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page):
    """The relative links of a page that lead to no file or to no heading."""
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if "://" not in link and not (target.exists() and (not anchor or anchor in anchors(target.read_text("utf-8")))):
            yield link


def test_every_relative_link_leads_somewhere(pytestconfig):
    pages = [*pytestconfig.rootpath.glob("*.md"), *(pytestconfig.rootpath / "docs").rglob("*.md")]
    found = {page.relative_to(pytestconfig.rootpath): list(broken_links(page)) for page in pages}
    assert {page: links for page, links in found.items() if links} == {}


def test_a_link_to_no_heading_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A heading, here\n[a](#a-heading-here) [b](#b) [c](c.md) [d](https://example.org#x)\n")
    assert list(broken_links(page)) == ["#b", "c.md"]
