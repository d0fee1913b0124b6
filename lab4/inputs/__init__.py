"""Values for the inputs of a model: a rule for each input, and the arrays that it draws."""

from lab4.inputs.examples import Examples, examples_for
from lab4.inputs.guessed import guessed_rule, stated_values
from lab4.inputs.rules import Rule, parse_rule
from lab4.inputs.stored import StoredExamples, read_examples

__all__ = [
    "Examples",
    "Rule",
    "StoredExamples",
    "examples_for",
    "guessed_rule",
    "parse_rule",
    "read_examples",
    "stated_values",
]
