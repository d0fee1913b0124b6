"""A project's gate policy, from its pyproject.toml."""

from pathlib import Path

from lab4.analysis.gate.policy import Policy, policy_of
from lab4.domain.errors import Lab4Error
from lab4.history.project_file import tool_table


def policy_at(path: Path | None, default: Path) -> Policy:
    """The policy in a file that was named, or in ``default``, which need not exist.

    Raises `Lab4Error` if the named file does not exist, or either file is invalid.
    """
    if path is not None and not path.is_file():
        raise Lab4Error(f"--policy: there is no file {path}")
    return policy_of(tool_table(path or default).get("gate", {}))
