"""Numbers of DynamoDB: 38 significant digits, normalised, ordered.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal

from emulator.dynamodb.errors import RewordedError

MAXIMUM_DIGITS = 38
_MAXIMUM_EXPONENT = 125
_MINIMUM_EXPONENT = -130
_NORMAL_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,37}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
# An exponent of more digits than this is out of range whatever the digits before it.
_EXPONENT = re.compile(r"(.*)[eE]([+-]?)0*([0-9]{7,})$")
_ARITHMETIC = Context(prec=MAXIMUM_DIGITS, rounding=ROUND_HALF_UP, Emin=-999_999, Emax=999_999)

_NEGATIVE, _ZERO, _POSITIVE = b"\x00", b"\x01", b"\x02"
_BIAS = 1000
_NINES_COMPLEMENT = bytes.maketrans(b"0123456789", b"9876543210")


def normalise_number(text: str) -> str:
    """Give a number as DynamoDB returns it: no exponent, no needless zeros."""
    if _NORMAL_INTEGER.fullmatch(text):
        return text
    return format_number(_parse(text))


def format_number(value: Decimal) -> str:
    """Write a number in DynamoDB's normal form.

    Raises:
        ServiceError: ``ValidationException`` when it is too long, too large or too small.
    """
    if not value:
        return "0"
    sign, digits, exponent = value.as_tuple()
    significant = "".join(map(str, digits)).lstrip("0")
    shortened = significant.rstrip("0")
    _check_range(value.adjusted())
    if len(shortened) > MAXIMUM_DIGITS:
        raise _refused("Attempting to store more than 38 significant digits in a Number")
    zeros = len(significant) - len(shortened)
    plain = Decimal((sign, tuple(map(int, shortened)), int(exponent) + zeros))
    return format(plain, "f")


def add_numbers(left: str, right: str) -> str:
    """Add two numbers, to 38 digits."""
    return format_number(_ARITHMETIC.add(Decimal(left), Decimal(right)))


def subtract_numbers(left: str, right: str) -> str:
    """Subtract the second number from the first, to 38 digits."""
    return format_number(_ARITHMETIC.subtract(Decimal(left), Decimal(right)))


def encode_number(text: str) -> bytes:
    """Encode a normal number so that bytes sort as the numbers do.

    A sign, then the exponent and the digits, both complemented for a negative number.
    """
    value = Decimal(text)
    if not value:
        return _ZERO
    sign, digits, _ = value.as_tuple()
    shortened = "".join(map(str, digits)).strip("0").encode()
    if not sign:
        return _POSITIVE + (value.adjusted() + _BIAS).to_bytes(2, "big") + shortened
    exponent = (_BIAS - value.adjusted()).to_bytes(2, "big")
    # The last byte puts the shorter, so the greater, of two negative numbers behind.
    return _NEGATIVE + exponent + shortened.translate(_NINES_COMPLEMENT) + b"\xff"


def _parse(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        refusal = "The parameter cannot be converted to a numeric value"
        shown = f"{refusal}: {text}"
        raise RewordedError(shown, older=shown if text else refusal)
    extreme = _EXPONENT.match(text)
    if extreme is None:
        return Decimal(text)
    mantissa, sign, _ = extreme.groups()
    if Decimal(mantissa):
        _check_range(_MINIMUM_EXPONENT - 1 if sign == "-" else _MAXIMUM_EXPONENT + 1)
    return Decimal(0)


def _check_range(exponent: int) -> None:
    if exponent > _MAXIMUM_EXPONENT:
        raise _refused(
            "Number overflow. "
            "Attempting to store a number with magnitude larger than supported range"
        )
    if exponent < _MINIMUM_EXPONENT:
        raise _refused(
            "Number underflow. "
            "Attempting to store a number with magnitude smaller than supported range"
        )


def _refused(message: str) -> RewordedError:
    return RewordedError(message, older=message)
