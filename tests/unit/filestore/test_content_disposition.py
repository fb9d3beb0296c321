"""The header that gives a download its name."""

from urllib.parse import unquote

import pytest
from filestore.content_disposition import attachment
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.pdf", "attachment; filename=\"a.pdf\"; filename*=UTF-8''a.pdf"),
        ('a"b.pdf', "attachment; filename=\"a_b.pdf\"; filename*=UTF-8''a%22b.pdf"),
        ("é.pdf", "attachment; filename=\"e.pdf\"; filename*=UTF-8''%C3%A9.pdf"),
        ("a\r\nb", "attachment; filename=\"a__b\"; filename*=UTF-8''a__b"),
        ("日本", "attachment; filename=\"file\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC"),
        ("../x", "attachment; filename=\"_x\"; filename*=UTF-8''..%2Fx"),
    ],
)
def test_names(name, header):
    """RFC 6266: an ASCII stand-in, and the real name by RFC 5987."""
    assert header == attachment(name)


@given(st.text())
def test_any_name(name):
    """Whatever the name, the header is one line of ASCII, and the real name is in it."""
    header = attachment(name)
    real = unquote(header.partition("filename*=UTF-8''")[2])
    printable = "".join(c if c.isprintable() else "_" for c in name) or "file"

    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert printable == real
