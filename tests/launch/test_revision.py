import subprocess

import pytest

from lab4.domain.errors import UnavailableError
from lab4.launch import checked_out, file_at


def git(folder, *arguments):
    named = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    return subprocess.run(["git", *named, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def project(tmp_path):
    """Two revisions, and an uncommitted change."""
    folder = tmp_path / "project"
    (folder / "part").mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    for text in ("one", "two"):
        (folder / "part" / "file").write_text(text)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", text)
    (folder / "part" / "file").write_text("three")
    return folder


def test_a_revision_stands_beside_the_project_and_is_gone_afterwards(project):
    with checked_out("HEAD~1", project / "part") as folder:
        assert (folder / "file").read_text() == "one"
        assert git(folder, "log", "-1", "--format=%s").strip() == "one"
    assert not folder.exists()
    assert len(git(project, "worktree", "list").splitlines()) == 1
    assert (project / "part" / "file").read_text() == "three"


def test_it_is_gone_after_an_error_too(project):
    with pytest.raises(KeyboardInterrupt), checked_out("HEAD", project) as folder:
        raise KeyboardInterrupt
    assert not folder.exists()
    assert len(git(project, "worktree", "list").splitlines()) == 1


def test_what_git_does_not_know_is_refused(project, tmp_path):
    with pytest.raises(UnavailableError, match="git knows no revision 'never'"), checked_out("never", project):
        pass
    with pytest.raises(UnavailableError, match="git knows no revision '--force'"), checked_out("--force", project):
        pass
    outside = tmp_path / "outside"
    outside.mkdir()
    with pytest.raises(UnavailableError, match="not a git repository"), checked_out("HEAD", outside):
        pass


def test_a_shallow_clone_says_how_to_get_the_rest(project, tmp_path):
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{project}", "clone")
    with (
        pytest.raises(UnavailableError, match="git fetch --unshallow"),
        checked_out(git(project, "rev-parse", "HEAD~1").strip(), tmp_path / "clone"),
    ):
        pass


def test_a_folder_that_the_revision_does_not_have_is_refused(project):
    (project / "new").mkdir()
    with pytest.raises(UnavailableError, match="HEAD has no folder new"), checked_out("HEAD", project / "new"):
        pass


def test_a_file_as_it_was(project, tmp_path):
    assert file_at("HEAD~1", project / "part" / "file") == b"one"
    assert file_at("HEAD", project / "part" / "none") is None
    assert file_at("never", project / "part" / "file") is None
    assert file_at("HEAD", tmp_path / "file") is None


def test_without_git_it_says_so(project, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UnavailableError, match="git does not start"), checked_out("HEAD", project):
        pass
