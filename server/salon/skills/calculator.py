"""Works out what a model writes as a sum, and nothing else: numbers, five operators, powers and a list of functions.

Two fences stand behind each other. Only numbers, operators and known names are parsed at all, so that there is nothing
to reach objects with; then each step's operands and result are bounded, so that no sum takes long.
"""

import ast
import math
import operator
import re
from collections.abc import Callable
from typing import cast

from simpleeval import InvalidExpression, SimpleEval

INVALID = "Invalid expression"
LONGEST = 500
"""Characters of an expression."""

LARGEST_BITS = 4096
"""Bits of an integer, in between and in the end: some 1,200 digits."""

LARGEST_FACTORIAL = 500
MOST_DECIMALS = 30

Number = int | float


def calculate(expression: str) -> str:
    """Calculates an arithmetic expression, such as `15 * 23 + 7` or `round(sqrt(2) * 100, 1)`.

    It knows + - * / // % and ** (or ^), parentheses, the constants pi, e and tau, and the functions abs, round, min,
    max, sum, mean, sqrt, cbrt, exp, log (with an optional base), log2, log10, sin, cos, tan, asin, acos, atan, atan2
    (in radians), degrees, radians, floor, ceil, factorial, comb, gcd, lcm and hypot. Decimals have a point; groups of
    thousands have no separator. Anything else is answered with "Invalid expression".

    Args:
        expression: the expression.
    """
    try:
        return _shown(cast(object, _CALCULATOR.eval(expression, _parsed(expression))))
    except (InvalidExpression, ArithmeticError, ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return INVALID


def _parsed(expression: str) -> ast.expr:
    if len(expression) > LONGEST:
        raise InvalidExpression("too long")
    text = " ".join(expression.split()).translate(_SIGNS).replace("^", "**")
    end = 0
    for token in _TOKEN.finditer(text):
        if token.start() != end or (
            token["name"] and token["name"] not in _FUNCTIONS and token["name"] not in _CONSTANTS
        ):
            break
        end = token.end()
    if end != len(text):
        raise InvalidExpression(text[end:])
    return ast.parse(text, mode="eval").body


def _shown(value: object) -> str:
    """A result as people write it: 0.3 and not 0.30000000000000004, 5 and not 5.0."""
    if isinstance(value, float):
        return f"{value + 0.0:.15g}"
    return str(value)


def _bounded(value: object) -> Number:
    """The value, when it is a real number of a bearable size."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidExpression("not a number")
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidExpression("not finite")
    elif value.bit_length() > LARGEST_BITS:
        raise InvalidExpression("too large")
    return value


def _power(base: Number, exponent: Number) -> object:
    if isinstance(base, int) and isinstance(exponent, int) and abs(exponent) * base.bit_length() > LARGEST_BITS:
        raise InvalidExpression("too large")
    return base**exponent


def _round(number: Number, decimals: Number = 0) -> Number:
    if not isinstance(decimals, int) or abs(decimals) > MOST_DECIMALS:
        raise InvalidExpression("too many decimals")
    return round(number, decimals) if decimals else round(number)


def _factorial(number: int) -> int:
    if number > LARGEST_FACTORIAL:
        raise InvalidExpression("too large")
    return math.factorial(number)


def _comb(number: int, chosen: int) -> int:
    if number > LARGEST_BITS:  # 2 ** number is more than all of its combinations together
        raise InvalidExpression("too large")
    return math.comb(number, chosen)


def _mean(*numbers: Number) -> float:
    return sum(numbers) / len(numbers)


class _Calculator(SimpleEval):  # type: ignore[misc]  # simpleeval is written without types
    """simpleeval, without all that is not arithmetic."""

    def __init__(self) -> None:
        super().__init__(operators=_OPERATORS, functions=_FUNCTIONS, names=_CONSTANTS)
        self.nodes: dict[type[ast.AST], Callable[[ast.AST], object]] = {kind: self.nodes[kind] for kind in _NODES}

    def _eval(self, node: ast.AST) -> Number:
        return _bounded(super()._eval(node))


_NODES = (ast.Constant, ast.Name, ast.UnaryOp, ast.BinOp, ast.Call)
_OPERATORS: dict[type[ast.AST], Callable[..., object]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_OF_MATH = (
    *("sqrt", "cbrt", "exp", "log", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "atan2"),
    *("degrees", "radians", "floor", "ceil", "gcd", "lcm", "hypot"),
)
_FUNCTIONS: dict[str, Callable[..., object]] = {
    **{name: getattr(math, name) for name in _OF_MATH},
    "abs": abs,
    "comb": _comb,
    "factorial": _factorial,
    "max": lambda *numbers: max(numbers),
    "mean": _mean,
    "min": lambda *numbers: min(numbers),
    "round": _round,
    "sum": lambda *numbers: sum(numbers),
}
_CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau}
_SIGNS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-"})  # noqa: RUF001 - as people write them
_TOKEN = re.compile(
    r"[ +\-*/%(),]"
    r"|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.])"
    r"|(?P<name>[a-z][a-z0-9]*)(?![\w.])"
)
_CALCULATOR = _Calculator()
