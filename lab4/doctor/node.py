"""Whether TensorFlow.js can run in Node."""

import re

from lab4.doctor.finding import Finding, good, lacks
from lab4.doctor.system import System

__all__ = ["check"]

_LEAST = 18


def check(system: System) -> Finding:
    """Ask Node for its version."""
    told = system.output(["node", "--version"])
    version = re.fullmatch(r"v(\d+)\.[\w.-]+", told or "")
    if version is None:
        return lacks("no Node.js", f"install Node.js {_LEAST} or newer to run TensorFlow.js models outside a browser")
    if int(version[1]) < _LEAST:
        return lacks(f"Node.js {told}", f"install Node.js {_LEAST} or newer")
    return good(f"Node.js {told}")
