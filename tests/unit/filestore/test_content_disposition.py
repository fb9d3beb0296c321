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
        ("日本.pdf", "attachment; filename=\"file.pdf\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.pdf"),
        (".env", "attachment; filename=\"env\"; filename*=UTF-8''.env"),
        ("../x", "attachment; filename=\"_x\"; filename*=UTF-8''..%2Fx"),
    ],
)
def test_names(name, header):
    """RFC 6266: an ASCII stand-in, and the real name by RFC 5987."""
    assert header == attachment(name)


@given(st.text(max_size=60))
def test_any_name(name):
    """Whatever the name, the header is one line of ASCII, and the real name is in it."""
    header = attachment(name)
    printable = "".join(c if c.isprintable() else "_" for c in name) or "file"

    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert printable == _real_name(header)


@pytest.mark.parametrize(
    ("name", "real"),
    [
        ("a" * 1020 + ".pdf", "a" * 251 + ".pdf"),
        ("é" * 1020 + ".pdf", "é" * 125 + ".pdf"),
        ("😀" * 1024, "😀" * 63),
        ("a." + "b" * 1022, "a." + "b" * 253),
        ("." * 1024, "." * 255),
    ],
)
def test_long_names(name, real):
    """A name that is longer than file systems take is cut, its extension is not."""
    assert real == _real_name(attachment(name))


@given(st.text(min_size=200, max_size=1024))
def test_any_long_name(name):
    """No name makes a header that does not fit into a presigned URL."""
    assert len(_real_name(attachment(name)).encode()) <= 255


def _real_name(header):
    return unquote(header.partition("filename*=UTF-8''")[2])
