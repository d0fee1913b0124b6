"""What is documented exists, and what exists is documented."""

import re

import pytest

from lab4.bench.profiles import PROFILES
from lab4.formats import FORMATS
from lab4.plugin.options import OPTIONS
from lab4.techniques import TECHNIQUES


@pytest.fixture(scope="module")
def readme(pytestconfig):
    return (pytestconfig.rootpath / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.key)
def test_every_option_is_in_the_readme(readme, option):
    assert option.flag in readme


def test_every_option_in_the_readme_exists(readme):
    assert set(re.findall(r"--lab4-[a-z-]+", readme)) <= {option.flag for option in OPTIONS}


@pytest.mark.parametrize("name", [*FORMATS, *TECHNIQUES, *PROFILES])
def test_every_format_technique_and_profile_is_in_the_readme(readme, name):
    assert name in readme


def test_the_design_names_every_room(pytestconfig):
    design = (pytestconfig.rootpath / "docs" / "design.md").read_text(encoding="utf-8")
    rooms = [path.parent.name for path in (pytestconfig.rootpath / "lab4").glob("*/__init__.py")]
    assert [room for room in rooms if f"`lab4/{room}/`" not in design] == []


def test_the_commands_of_the_readme_are_environments_of_tox(pytestconfig, readme):
    tox = (pytestconfig.rootpath / "tox.ini").read_text(encoding="utf-8")
    named = set(re.findall(r"tox -e ([a-z0-9,]+)", readme))
    assert {"worksheet", "tests"} <= named
    for name in named:
        assert f"[testenv:{name}]" in tox


def test_every_source_that_the_gates_page_cites_has_its_title(pytestconfig):
    page = (pytestconfig.rootpath / "docs" / "gates.md").read_text(encoding="utf-8")
    text, _, sources = page.partition("\n## Sources\n")
    cited = {(name, year) for name, year in re.findall(r"(\w+)(?: \(|, )((?:19|20)\d\d)\)", text)}
    listed = {(name, year) for name, year in re.findall(r"(\w+) \(((?:19|20)\d\d)\): \*", sources)}
    assert len(cited) > 5
    assert cited == listed
