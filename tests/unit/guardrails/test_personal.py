"""Personal data: numbers count only with their check sums, so that ordinary ones pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salon.guardrails.personal import luhn, personal


def found(text: str) -> list[tuple[str, str]]:
    return [(level, name.removeprefix("a ").removeprefix("an ")) for level, name in personal(text)]


@pytest.mark.requirement("S1-21")
@pytest.mark.parametrize(
    ("text", "level", "name"),
    [
        ("4111 1111 1111 1111", "medium", "the number of a payment card"),
        ("5500-0055-5555-5559", "medium", "the number of a payment card"),
        ("378282246310005", "medium", "the number of a payment card"),
        ("DE89 3704 0044 0532 0130 00", "medium", "the number of a bank account"),
        ("GB82WEST12345698765432 is it", "medium", "the number of a bank account"),
        ("219-09-9999", "medium", "social security number"),
        ("sk-proj-4f8Kd02LmQx7ZtB1vYw9Rn3c", "medium", "secret key"),
        ("-----BEGIN RSA PRIVATE KEY-----", "medium", "secret key"),
        ("ann.o+x@sub.mailbox.example", "high", "e-mail address"),
        ("+49 (0)151 2345 6789", "high", "phone number"),
        ("(212) 555-0147", "high", "phone number"),
        ("0044 20 7946 0958", "high", "phone number"),
    ],
)
def test_what_belongs_to_somebody_is_found(text: str, level: str, name: str) -> None:
    assert found(f"It is {text}.") == [(level, name)]


@pytest.mark.parametrize(
    "text",
    [
        *("4111 1111 1111 1112", "1234567890123456", "DE89 3704 0044 0532 0130 01", "AB12 3456 7890"),
        *("000-12-3456", "666-12-3456", "123-00-4567", "2024-03-15", "14:05", "3.14159265358979323846"),
        *("978-3-16-148410-0", "10.15.7.2048", "18446744073709551616", "@ann", "a@b", "00:1A:2B:3C:4D:5E"),
        *("192.0.2.44", "123e4567-e89b-12d3-a456-426614174000", "1914 1918 1939 1945", "1 409 517 397", "sk-short"),
    ],
)
def test_ordinary_numbers_pass(text: str) -> None:
    assert found(f"It is {text} here") == []


@given(st.integers(10**11, 10**18))
def test_one_wrong_digit_breaks_the_check_of_a_card(number: int) -> None:
    check = next(digit for digit in range(10) if luhn(f"{number}{digit}"))
    assert sum(luhn(f"{number}{digit}") for digit in range(10)) == 1
    assert not luhn(f"{number}{(check + 1) % 10}")
