import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from lab4_users import NOBODY, OTHER, as_nobody

from lab4.domain.errors import UnavailableError
from lab4.launch import checked_out, file_at

#: Checks a revision out in the current folder, says where, and waits.
CHECK_OUT = """
import sys
from pathlib import Path
from lab4.launch import checked_out
with checked_out(sys.argv[1], Path.cwd()) as folder:
    print(folder, flush=True)
    sys.stdin.read()
"""


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


@pytest.mark.skipif(sys.platform == "win32", reason="hooks are shell scripts")
def test_hooks_of_the_user_do_not_run(project):
    hook = project / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho changed > part/file\nexit 1\n")
    hook.chmod(0o755)
    with checked_out("HEAD~1", project) as folder:
        assert (folder / "part" / "file").read_text() == "one"


def test_without_git_it_says_so(project, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UnavailableError, match="git does not start"), checked_out("HEAD", project):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="hooks are shell scripts")
@pytest.mark.parametrize("linked", [False, True])
def test_a_hook_that_checks_a_revision_out_leaves_the_users_commit_as_it_is(project, tmp_path, linked, pytestconfig):
    """Git tells its hooks which index and repository it is using: another command must not write to those."""
    tree = tmp_path / "linked" if linked else project
    if linked:
        git(project, "worktree", "add", "--quiet", "-b", "other", str(tree))
    hook = project / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    (tmp_path / "check_out.py").write_text(CHECK_OUT)
    command = f"'{sys.executable}' '{tmp_path / 'check_out.py'}' HEAD~1 < /dev/null > {tmp_path}/told"
    hook.write_text(f"#!/bin/sh\n{command}\n")
    hook.chmod(0o755)
    (tree / "part" / "file").write_text("mine")
    environment = {**os.environ, "PYTHONPATH": str(pytestconfig.rootpath)}
    named = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    command = ["git", *named, "commit", "--quiet", "-am", "mine"]
    subprocess.run(command, cwd=tree, env=environment, check=True, capture_output=True)
    assert "lab4-revision-" in (tmp_path / "told").read_text()
    assert git(tree, "show", "HEAD:part/file") == "mine"
    assert git(tree, "status", "--porcelain") == ""


def test_variables_that_name_another_repository_change_nothing(project, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / "index"))
    with checked_out("HEAD~1", project / "part") as folder:
        assert (folder / "file").read_text() == "one"
    assert file_at("HEAD~1", project / "part" / "file") == b"one"
    assert not (other / "index").exists()


def test_a_checkout_of_another_user_is_refused_with_gits_own_remedy(open_folder):
    shutil.copytree(Path(__file__).parent, open_folder / "project" / "tests")
    git(open_folder / "project", "init", "--quiet")
    git(open_folder / "project", "add", "--all")
    git(open_folder / "project", "commit", "--quiet", "--message", "one")
    for path in (open_folder / "project", *(open_folder / "project").rglob("*")):
        os.chown(path, OTHER, OTHER)
    command = as_nobody([sys.executable, "-c", CHECK_OUT, "HEAD"], NOBODY)
    answer = subprocess.run(
        **command, cwd=open_folder / "project", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    place = open_folder / "project"
    assert answer.stderr.splitlines()[-1] == (
        f"lab4.domain.errors.UnavailableError: git rev-parse: fatal: detected dubious ownership in repository at "
        f"'{place}'; run: git config --global --add safe.directory {place}"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")
def test_what_a_killed_process_left_is_removed_by_the_next_and_a_users_own_work_tree_is_not(
    project, tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    git(project, "worktree", "add", "--quiet", "--detach", str(tmp_path / "unmounted"))
    shutil.rmtree(tmp_path / "unmounted")
    with subprocess.Popen(
        [sys.executable, "-c", CHECK_OUT, "HEAD"],
        cwd=project,
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as killed:
        left = Path(killed.stdout.readline().strip())
        killed.send_signal(signal.SIGKILL)
    assert left.is_dir()
    assert str(left) in git(project, "worktree", "list")
    with checked_out("HEAD", project):
        assert not left.exists()
        assert str(left) not in git(project, "worktree", "list")
    assert str(tmp_path / "unmounted") in git(project, "worktree", "list")
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has Unicode names only")
@pytest.mark.parametrize("name", [b"caf\xe9", "caf\u00e9".encode(), b" a 100% b ", b"$HOME"])
def test_names_of_any_bytes_are_found(tmp_path, name):
    folder = tmp_path / os.fsdecode(name) / os.fsdecode(name)
    folder.mkdir(parents=True)
    (folder / os.fsdecode(name)).write_bytes(b"\xe9")
    git(folder.parent, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "one")
    with checked_out("HEAD", folder) as found:
        assert (found / os.fsdecode(name)).read_bytes() == b"\xe9"
    assert file_at("HEAD", folder / os.fsdecode(name)) == b"\xe9"
