"""The models that the project names: in pyproject.toml, and by the hook ``pytest_lab4_models``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from lab4.domain.errors import Lab4Error, UnknownNameError
from lab4.domain.text import first_line
from lab4.models import MODELS
from lab4.plugin.options import project_table
from lab4.plugin.own_models import Given, given_by

if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from pathlib import Path

    import pytest

    from lab4.domain.untyped import Untyped

_HOOK = "pytest_lab4_models"


def model_tables(config: pytest.Config) -> dict[str, Any]:
    """The tables ``[tool.lab4.models.NAME]``; a list in their place is of registered models."""
    models = project_table(config).get("models")
    return models if isinstance(models, dict) else {}


def project_models(config: pytest.Config) -> dict[str, Callable[[], Given]]:
    """Every model that the project names, each as a function that reads what is written for it.

    The functions raise `Lab4Error` where that is no model; none looks at the model's file.

    Raises:
        Lab4Error: where two have one name.
    """
    found: dict[str, Callable[[], Given]] = {}
    for name, table in model_tables(config).items():
        where = f"[tool.lab4.models.{name}]"
        found[_free(name, found, where)] = partial(_of_table, table, where, config.rootpath)
    for answer in _answers(config):
        if not isinstance(answer, Mapping):
            raise Lab4Error(f"{_HOOK} returned a {type(answer).__name__}; return models by name, such as a dict")
        for name, value in answer.items():
            where = f"{_HOOK}: {name}"
            found[_free(str(name), found, where)] = partial(given_by, value, where, config.rootpath)
    return found


def project_model(name: str, config: pytest.Config) -> Given:
    """The model of this name; raises `UnknownNameError` with those that there are."""
    models = project_models(config)
    if name not in models:
        raise UnknownNameError.among("model", name, models or ["none, as pyproject.toml has no [tool.lab4.models]"])
    return models[name]()


def _of_table(table: Untyped, where: str, folder: Path) -> Given:
    if not isinstance(table, dict):
        raise Lab4Error(f'{where} needs path = "...", a file, a folder or a function')
    return given_by(table, where, folder)


def _answers(config: pytest.Config) -> list[Untyped]:
    try:
        answers: list[Untyped] = config.hook.pytest_lab4_models(config=config)
    except Exception as error:
        raise Lab4Error(f"{_HOOK} raised {type(error).__name__}: {first_line(error)}") from error
    return answers


def _free(name: str, found: Container[str], where: str) -> str:
    if name in found or name in MODELS:
        raise Lab4Error(f"{where}: another model is called {name} already; choose another name")
    return name
