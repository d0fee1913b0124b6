"""The suite's folder: `benchmarks/harness/` holds scripts about the harness itself, and no cells."""

import pytest

collect_ignore = ["harness"]


def pytest_configure(config):
    """Refuse to collect cells without the plugin that knows them, as where plugins are not loaded by themselves."""
    if not (config.pluginmanager.has_plugin("lab4") or config.pluginmanager.has_plugin("lab4.plugin")):
        message = "the plugin lab4 is not active; install lab4, and add -p lab4.plugin -p pytest_benchmark.plugin "
        raise pytest.UsageError(f"{message}where plugins are not loaded by themselves")
