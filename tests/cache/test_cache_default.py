"""Where the cache is for users without a home folder, or with one that cannot be written."""

import os

import pytest
from lab4_other_user import OTHER, as_other_user, folder_for_others

from lab4.cache import Cache, default_folder
from lab4.domain.errors import CacheError, Lab4Error


@pytest.fixture
def working(monkeypatch):
    """A working folder of another user, who has no home."""
    with folder_for_others() as top:
        folder = top / "working"
        folder.mkdir()
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            os.chown(folder, OTHER, OTHER)
        for name in ("HOME", "LAB4_CACHE", "XDG_CACHE_HOME"):
            monkeypatch.delenv(name, raising=False)
        with monkeypatch.context() as inside:
            inside.chdir(folder)
            yield folder


def used():
    folder = default_folder()
    return folder, Cache(folder).check_writable(0)


def test_without_a_home_it_is_in_the_working_folder_and_that_is_said(working):
    folder, said = as_other_user(used)
    assert folder == working / ".lab4-cache"
    assert said == (
        f"the cache is {folder}, as the system knows no home folder of this user; set LAB4_CACHE to keep it elsewhere",
    )
    assert sorted(path.name for path in working.iterdir()) == [".lab4-cache"]


@pytest.mark.parametrize("home", ["", "deep/below"])
def test_so_it_is_where_the_home_cannot_be_written(working, monkeypatch, home):
    top = working.with_name("home")
    top.mkdir(mode=0o555)
    monkeypatch.setenv("HOME", str(top / home))
    folder, said = as_other_user(used)
    assert folder == working / ".lab4-cache"
    assert [f"as {top} cannot be written" in sentence for sentence in said] == [True]


def test_a_home_that_can_be_written_is_used_and_nothing_said(working, monkeypatch):
    monkeypatch.setenv("HOME", str(working / "home"))
    folder, said = as_other_user(used)
    assert folder.is_relative_to(working / "home")
    assert said == ()


def test_where_nothing_can_be_written_the_variable_is_named(working):
    os.chown(working, 0, 0)
    with pytest.raises(CacheError, match=r"\.lab4-cache cannot be used \(Permission denied\).*LAB4_CACHE"):
        raise as_other_user(used)


def test_the_variable_goes_before_and_nothing_is_said(working, monkeypatch):
    monkeypatch.setenv("LAB4_CACHE", str(working / "mine"))
    assert as_other_user(used) == (working / "mine", ())


def test_a_variable_that_names_an_unknown_home_is_one_sentence(working, monkeypatch):
    del working
    monkeypatch.setenv("LAB4_CACHE", "~/kept")
    with pytest.raises(Lab4Error, match=r"LAB4_CACHE is '~/kept', whose home folder is not known here; write the path"):
        raise as_other_user(default_folder)
