"""Makes helper modules of this folder importable, and Hypothesis quick and steady on any machine.

The tests may run in several processes; the runs of pytest that they start are whole runs of their own, and must not
take themselves for workers of that one: pytest-benchmark would measure nothing. Nor may they ignore an interrupt since
the tests were started in the background, where shells have it ignored.
"""

import os
import shutil
import signal
import sys
from pathlib import Path
from tempfile import mkdtemp

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings

from lab4.domain import passwords

signal.signal(signal.SIGINT, signal.default_int_handler)
if "PYTEST_XDIST_WORKER" in os.environ:
    # Most of what tests wait for is runs that they start. Three things that those do not need take half of their time:
    # to be traced, as the packages that only calculate are tested in this process; Hypothesis, all of which its plugin
    # imports at the end of a run; and waiting for quiet moments, which do not come while other tests run.
    if not os.environ.get("LAB4_COVER_CHILDREN"):
        os.environ.pop("COVERAGE_PROCESS_CONFIG", None)
    os.environ["PYTEST_ADDOPTS"] = f"{os.environ.get('PYTEST_ADDOPTS', '')} -p no:hypothesispytest".strip()
    # For runs that are started without that variable, as by a gate.
    paths = [str(Path(__file__).parent / "without_hypothesis"), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    os.environ.setdefault("LAB4_PATIENCE", "0")
for name in [each for each in os.environ if each.startswith("PYTEST_XDIST_")]:
    del os.environ[name]
sys.path.insert(0, str(Path(__file__).parent))

settings.register_profile(
    "fast", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("fast")


@pytest.fixture(autouse=True)
def no_passwords_of_other_tests(monkeypatch):
    """A process remembers the passwords that it was given, to mask them in whatever it prints later."""
    monkeypatch.setattr(passwords, "_known", set())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Count no coverage in long calculations by code that other tests cover: traced they take twice as long."""
    tracing = Coverage.current() if item.get_closest_marker("untraced") else None
    if tracing:
        tracing.stop()
    try:
        return (yield)
    finally:
        if tracing:
            tracing.start()


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory, worker_id):
    """A cache for tests that do not ask what is built: whichever process needs a model first trains it."""
    base = tmp_path_factory.getbasetemp()
    return (base if worker_id == "master" else base.parent) / "shared-cache"


@pytest.fixture
def open_folder():
    """A temporary folder that every user may enter and write to, unlike pytest's own."""
    folder = Path(mkdtemp(prefix="open-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def strangers(tmp_path, monkeypatch):
    """A function that installs a package of others into this process, as `lab4_strangers.write_package` takes it."""
    from lab4_strangers import forget, write_package

    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)

    def install(*arguments, **more):
        write_package(tmp_path, *arguments, **more)
        forget()

    yield install
    forget()
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]
