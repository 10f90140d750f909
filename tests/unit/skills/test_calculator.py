"""The calculator: sums as models write them, and one answer to everything else."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.skills.calculator import INVALID, LARGEST_BITS, LONGEST, calculate


@pytest.mark.requirement("S1-12", "S2-28")
@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("15 * 23 + 7", "352"),
        ("25 * 4", "100"),
        ("2 ** 10", "1024"),
        ("2^10", "1024"),
        ("-3 + +5", "2"),
        ("7 // 2", "3"),
        ("7 % 4", "3"),
        ("10 / 4", "2.5"),
        ("(1 + 2) * (3 + 4)", "21"),
        ("3 × 4 ÷ 2 − 1", "5"),  # noqa: RUF001 - as people write them
        (".5 + 1.", "1.5"),
        ("1.5e3", "1500"),
        ("2 * pi", "6.28318530717959"),
        ("round(sqrt(2) * 100, 1)", "141.4"),
        ("round(1234, -2)", "1200"),
        ("max(3, 9, 4) - min(3, 9, 4)", "6"),
        ("sum(1, 2, 3) / mean(1, 2, 3)", "3"),
        ("log(8, 2) + log2(8) + log10(1000)", "9"),
        ("cbrt(27) + hypot(3, 4)", "8"),
        ("degrees(atan2(1, 1))", "45"),
        ("factorial(20)", "2432902008176640000"),
        ("comb(49, 6)", "13983816"),
        ("gcd(12, 18) + lcm(4, 6)", "18"),
        ("floor(-1.5) + ceil(1.2)", "0"),
        ("  1 +\n 1  ", "2"),
    ],
)
def test_a_sum_is_worked_out(expression: str, result: str) -> None:
    assert calculate(expression) == result


def test_results_are_written_as_people_write_them() -> None:
    assert calculate("0.1 + 0.2") == "0.3"
    assert calculate("10 / 2") == "5"
    assert calculate("0 * -1.5") == "0"
    assert calculate("10 ** 300") == "1" + "0" * 300, "whole numbers are exact"


@pytest.mark.requirement("S1-12")
@pytest.mark.parametrize(
    "expression",
    [
        *(
            "",
            " ",
            "1 +",
            "1 / 0",
            "5 % 0",
            "2 3",
            "3(4)",
            "1,000",
            "1, 2",
            "sqrt(-1)",
            "(-8) ** (1/3)",
            "0 ** -1",
            "1 < 2",
        ),
        *("()", "x + 1", "sqrt", "abs()", "hello", "1e999", "2e308 * 10", "not 1", "1 if 1 else 2", "1 = 1", "'1' * 5"),
        *("(1).real", "1.real", "1 .real", "007", "0x1F", "1j", "1_000", "[1]", "{1}", "lambda: 1", "round(1.5, 0.5)"),
        *(
            "sum(*[1])",
            "round(number=1)",
            "max(1, default=2)",
            "True",
            "None",
            "1; 2",
            "a := 1",
            "\\",
            "#",
            "1 # 2",
            "`1`",
        ),
    ],
)
def test_what_is_no_sum_is_an_invalid_expression(expression: str) -> None:
    assert calculate(expression) == INVALID


def test_what_would_become_too_large_is_refused_before_it_is_worked_out() -> None:
    for expression in ("9**9**9", "10**2000", f"2**{LARGEST_BITS + 1}", "factorial(501)", "round(1, -999999999)"):
        assert calculate(expression) == INVALID
    assert calculate("*".join(["9**1000"] * 4)) == INVALID, "also when it grows step by step"
    assert calculate("1" + "+1" * LONGEST) == INVALID


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9), st.sampled_from("+-*"))
def test_it_agrees_with_python_on_whole_numbers(left: int, right: int, sign: str) -> None:
    expected = {"+": left + right, "-": left - right, "*": left * right}[sign]
    assert calculate(f"({left}) {sign} ({right})") == str(expected)


@given(st.floats(0.001, 1e6), st.floats(0.001, 1e6))
def test_it_agrees_with_python_on_decimals(left: float, right: float) -> None:
    assert math.isclose(float(calculate(f"{left!r} / {right!r}")), left / right, rel_tol=1e-13)


@given(st.text(max_size=80))
def test_any_text_gets_an_answer(text: str) -> None:
    assert calculate(text)
