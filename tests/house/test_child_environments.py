"""Every process that the project starts gets an environment without what leads git or pytest elsewhere."""

import ast

import pytest

STARTING = {"run", "Popen", "call", "check_call", "check_output", "getoutput", "getstatusoutput", "system", "popen"}


def starts(source):
    """Every call in this source that starts a process: its line, and what it is given as ``env``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in STARTING:
            if ast.unparse(node.func.value) not in {"subprocess", "psutil", "os"}:
                continue
            env = next((ast.unparse(each.value) for each in node.keywords if each.arg == "env"), None)
            yield node.lineno, env


def unclean(source):
    return [line for line, env in starts(source) if env is None or "environment" not in env]


def sources(root):
    found = [*(root / "lab4").rglob("*.py"), *(root / "benchmarks").rglob("*.py")]
    # The guard's own environment is such a one already: it knows nothing of lab4.
    return [path for path in found if path != root / "lab4" / "launch" / "guard.py"]


def test_every_process_is_started_with_an_environment_of_ours(pytestconfig):
    root = pytestconfig.rootpath
    texts = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in sources(root)}
    assert {path: lines for path, text in texts.items() if (lines := unclean(text))} == {}
    assert sum(len(list(starts(text))) for text in texts.values()) > 5


@pytest.mark.parametrize("call", ["subprocess.run(['git'])", "psutil.Popen(x, env=os.environ)", "os.system('git')"])
def test_the_check_above_can_fail(call):
    assert unclean(call) == [1]
