"""Whether what other packages add to the suite can be used; importing it runs their code."""

from lab4.doctor.finding import Finding, good, lacks
from lab4.doctor.system import System
from lab4.domain.registries import REGISTRIES

__all__ = ["check"]


def check(system: System) -> Finding:
    """Load every entry of another package."""
    del system  # this Python's own packages, wherever they are
    registries = [REGISTRIES[kind] for kind in REGISTRIES]
    faults = [fault for registry in registries for fault in registry.faults().values()]
    if faults:
        return lacks("; ".join(faults), "repair or uninstall the package")
    usable = [
        f"{registry.kind} {name} ({registry.package_of(name)})"
        for registry in registries
        for name in registry
        if name not in registry.own
    ]
    return good(f"other packages add {', '.join(usable) or 'nothing'}")
