"""What a run adds to the outputs that pytest-benchmark makes itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lab4.plugin.output import Output


class HostOutputs:
    """Hooks of pytest-benchmark, registered with the session."""

    def __init__(self, config: pytest.Config, output: Output) -> None:
        self.config = config
        self.output = output

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_update_machine_info(self, machine_info: dict[str, Any]) -> None:
        """Add our fingerprint."""
        self.output.add_machine(machine_info)

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_update_json(self, output_json: dict[str, Any]) -> None:
        """Add the run, and the cells that have no row, to a JSON that pytest-benchmark writes itself."""
        output_json["lab4"] = self.output.header_and_unmeasured()

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_benchmark_group_stats(self, benchmarks: list[dict[str, Any]]) -> list[Any] | None:
        """Leave the wide table to those who compare or ask for it: ours follows."""
        asked = ("benchmark_verbose", "benchmark_compare", "benchmark_columns")
        ours_only = all("lab4" in row["extra_info"] for row in benchmarks)
        return [] if ours_only and not any(self.config.getoption(name, None) for name in asked) else None
