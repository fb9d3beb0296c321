"""Numbers: 38 digits, normal form, order."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.dynamodb.number import add_numbers, encode_number, normalise_number, subtract_numbers
from emulator.errors import ServiceError

OUT_OF_RANGE = "Attempting to store a number with magnitude {} than supported range"
OVERFLOW = "Number overflow. " + OUT_OF_RANGE.format("larger")
UNDERFLOW = "Number underflow. " + OUT_OF_RANGE.format("smaller")

numbers = st.builds(
    lambda sign, digits, exponent: str(Decimal((sign, digits, exponent))),
    st.sampled_from((0, 1)),
    st.lists(st.integers(0, 9), min_size=1, max_size=38).map(tuple),
    st.integers(-125, 80),
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("1.0", "1"),
        ("1e3", "1000"),
        ("007", "7"),
        ("-0", "0"),
        ("-0.0e5", "0"),
        ("+5", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1.50", "1.5"),
        ("100", "100"),
        ("1e-3", "0.001"),
        ("1E125", "1" + "0" * 125),
        ("0e999999999999999999999", "0"),
    ],
)
def test_normal_form(text, normal):
    """A number comes back without exponent and needless zeros."""
    assert normal == normalise_number(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The parameter cannot be converted to a numeric value: "),
        ("1 ", "The parameter cannot be converted to a numeric value: 1 "),
        ("NaN", "The parameter cannot be converted to a numeric value: NaN"),
        ("Infinity", "The parameter cannot be converted to a numeric value: Infinity"),
        ("0x1", "The parameter cannot be converted to a numeric value: 0x1"),
        ("1_000", "The parameter cannot be converted to a numeric value: 1_000"),
        ("1" * 39, "Attempting to store more than 38 significant digits in a Number"),
        (
            "1e126",
            OVERFLOW,
        ),
        (
            "-1e99999999999999999999",
            OVERFLOW,
        ),
        (
            "1e-131",
            UNDERFLOW,
        ),
        (
            "1e-99999999999999999999",
            UNDERFLOW,
        ),
    ],
)
def test_refused(text, message):
    """A text that is no number, or one out of range, is refused in AWS's words."""
    with pytest.raises(ServiceError) as refused:
        normalise_number(text)

    assert message == refused.value.message


@given(numbers)
def test_normal_form_keeps_the_value(text):
    """Normalising changes the writing, never the number, and a second time nothing."""
    normal = normalise_number(text)

    assert Decimal(text) == Decimal(normal)
    assert normal == normalise_number(normal)


@given(numbers, numbers)
def test_bytes_sort_as_numbers_do(left, right):
    """Encoded numbers compare as the numbers do."""
    left, right = normalise_number(left), normalise_number(right)

    expected = (Decimal(left) > Decimal(right)) - (Decimal(left) < Decimal(right))

    encoded = encode_number(left), encode_number(right)
    assert expected == (encoded[0] > encoded[1]) - (encoded[0] < encoded[1])


def test_arithmetic_is_decimal():
    """A tenth and two tenths are three tenths."""
    assert add_numbers("0.1", "0.2") == "0.3"
    assert subtract_numbers("1", "0.9") == "0.1"
