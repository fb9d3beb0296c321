"""Encoded keys of several attributes sort as the attributes do."""

import base64

from hypothesis import given
from hypothesis import strategies as st

from emulator.dynamodb.keys import encode_key_part

binaries = st.lists(st.sampled_from((0, 1, 255)), min_size=1, max_size=4).map(bytes)
keys = st.tuples(binaries, binaries)


def encoded(key):
    return encode_key_part([{"B": base64.b64encode(value).decode()} for value in key])


@given(keys, keys)
def test_order(left, right):
    """The first attribute decides, then the second, whatever bytes they have."""
    assert (left < right, left == right) == (
        encoded(left) < encoded(right),
        encoded(left) == encoded(right),
    )
