"""Packages of others for tests: modules and entry points in a folder, as an installer leaves them."""

import importlib
from pathlib import Path
from textwrap import dedent

from lab4.bench import keys
from lab4.domain import registry


def write_package(folder, package, entry_points, modules, version="1.0"):
    """Write a package: ``entry_points`` are values by (group, name), ``modules`` are sources by file name."""
    for path, source in modules.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(dedent(source), encoding="utf-8")
    info = Path(folder) / f"{package.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n", encoding="utf-8")
    lines = [f"[{group}]\n{name} = {value}\n" for (group, name), value in entry_points.items()]
    (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")


def forget():
    """Forget what was read of packages: they may have changed."""
    importlib.invalidate_caches()
    registry._installed.cache_clear()
    registry._entry_points.cache_clear()
    keys.sources_digest.cache_clear()
    keys._version.cache_clear()
