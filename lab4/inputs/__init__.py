"""Values for the inputs of a model: a rule for each input, and the arrays that it draws."""

from lab4.inputs.examples import Examples, examples_for
from lab4.inputs.guessed import guessed_rule, stated_values
from lab4.inputs.rules import Rule, parse_rule

__all__ = ["Examples", "Rule", "examples_for", "guessed_rule", "parse_rule", "stated_values"]
