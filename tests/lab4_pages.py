"""Pages in a real headless Chromium: what it drew, what it complained about, and what axe finds."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock

from lab4.domain.errors import Lab4Error
from lab4.javascript.page import _without_sandbox, chromium

SOURCES = Path(__file__).parents[1] / "lab4" / "report" / "page"
_FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--hide-scrollbars",
    "--enable-logging=stderr",
    "--virtual-time-budget=10000",
    # Nothing of a page may ask for anything: what asks all the same is refused by a proxy that is not there.
    "--proxy-server=127.0.0.1:9",
)


def _missing():
    try:
        chromium()
    except Lab4Error as error:
        return str(error)
    return ""


_WITHOUT = _missing()
BROWSER = pytest.mark.skipif(
    not os.environ.get("LAB4_NEEDS_JAVASCRIPT") and bool(_WITHOUT), reason=_WITHOUT or "it is here"
)
NPM = pytest.mark.skipif(
    not os.environ.get("LAB4_NEEDS_JAVASCRIPT") and shutil.which("npm") is None, reason="npm is not installed"
)


def packages(factory):
    """The packages of the page's scripts, and axe, as their lock says: fetched by whichever test comes first."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "page-packages"
    with FileLock(f"{folder}.lock"):
        if not (folder / "whole").exists():
            folder.mkdir(exist_ok=True)
            for path in (*SOURCES.glob("package*.json"), *SOURCES.glob("*.mjs")):
                shutil.copyfile(path, folder / path.name)
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=folder, check=True, capture_output=True)
            (folder / "whole").touch()
    return folder


def opened(path, *flags, size="1200,900"):
    """The page's document after its scripts have run, and what the browser's console said."""
    command = [chromium(), *_without_sandbox(), *_FLAGS, f"--window-size={size}", *flags, "--dump-dom", path.as_uri()]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    said = re.findall(r"CONSOLE[^\n]*\] (.*)", answer.stderr)
    return answer.stdout, said


def violations(path, axe):
    """What axe finds on the page, of serious impact and above, as rule and element."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)  # it forbids axe
    run = (
        "<script>" + axe.read_text(encoding="utf-8").replace("</script", "<\\/script") + "</script>"
        "<script>addEventListener('load', () => setTimeout(() => axe.run().then(found => {"
        "const bad = found.violations.filter(each => ['serious', 'critical'].includes(each.impact));"
        "const shown = bad.flatMap(each => each.nodes.map(node => [each.id, node.html.slice(0, 200)]));"
        "document.documentElement.setAttribute('data-axe', JSON.stringify(shown)); }), 1500))</script>"
    )
    place = path.with_name("with-axe.html")
    place.write_text(text.replace("</body>", f"{run}</body>"), encoding="utf-8")
    document, _ = opened(place)
    found = re.search(r'data-axe="([^"]*)"', document)
    assert found is not None, "axe has not run"
    return [tuple(each) for each in json.loads(found[1].replace("&quot;", '"').replace("&amp;", "&"))]
