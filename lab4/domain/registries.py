"""The registries that other packages can add to, by what is in them: every axis of a run has one."""

from lab4.domain.registry import Registry

#: In the order of an id. Each is imported when it is asked for.
REGISTRIES: Registry[Registry[object]] = Registry(
    "registry",
    {
        "model": "lab4.models:MODELS",
        "technique": "lab4.techniques:TECHNIQUES",
        "device": "lab4.devices:DEVICES",
        "format": "lab4.formats:FORMATS",
        "runtime": "lab4.runtimes:RUNTIMES",
        "metric": "lab4.metrics:METRICS",
        "dataset": "lab4.datasets:DATASETS",
        "report": "lab4.report:REPORTS",
    },
)
