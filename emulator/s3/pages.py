"""What all listings share: limits, encodings, and pages that group keys by a delimiter.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-prefixes.html
A page costs what it shows: common prefixes are skipped in the index, not read through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar
from urllib.parse import quote_plus

from emulator.s3.errors import s3_error
from emulator.s3.numbers import read_whole
from emulator.s3.xml import element

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.s3.request import S3Request

LARGEST_PAGE = 1000
# Where a prefix is skipped, what follows is most often another: few rows are read in vain.
_FIRST_LOOK = 2


class Keyed(Protocol):
    """Something that is listed by its key."""

    @property
    def key(self) -> str:
        """The key."""


_Item = TypeVar("_Item", bound=Keyed)
_Position = TypeVar("_Position")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[_Item]):
    """What one listing shows.

    Args:
        last: the item or prefix that the next page starts behind.
    """

    items: tuple[_Item, ...]
    prefixes: tuple[str, ...]
    last: _Item | str | None
    truncated: bool


@dataclass(frozen=True, slots=True)
class Source(Generic[_Item, _Position]):
    """What is listed.

    Args:
        read: gives items from a position on, at most so many.
        position_of: tells the position right behind an item.
        position_behind: tells the position of the first key behind all with a prefix.
    """

    read: Callable[[_Position, int], list[_Item]]
    position_of: Callable[[_Item], _Position]
    position_behind: Callable[[str], _Position]


@dataclass(frozen=True, slots=True)
class Question:
    """What a listing asks for, whatever it lists."""

    prefix: str
    delimiter: str
    limit: int
    encoding: str | None

    def encode(self, text: str) -> str:
        """Write a key as the client wants to read it."""
        if self.encoding != "url":
            return text
        return quote_plus(text, safe="/*").replace("~", "%7E")

    def elements(self, prefixes: tuple[str, ...]) -> list[bytes]:
        """Write common prefixes."""
        return [element("CommonPrefixes", element("Prefix", self.encode(p))) for p in prefixes]

    def head(self, *, prefixed: bool = True) -> list[bytes]:
        """Write what every listing repeats of the question."""
        fields = [element("Prefix", self.encode(self.prefix))] if prefixed else []
        fields += [element("Delimiter", self.encode(self.delimiter))] if self.delimiter else []
        fields += [element("EncodingType", self.encoding)] if self.encoding else []
        return fields


def read_question(request: S3Request, limit_name: str = "max-keys") -> Question:
    """Read the parameters that listings share.

    Raises:
        ServiceError: ``InvalidArgument``.
    """
    encoding = request.parameter("encoding-type")
    if encoding not in {None, "url"}:
        raise s3_error(
            "InvalidArgument",
            "Invalid Encoding Method specified in Request",
            ArgumentName="encoding-type",
            ArgumentValue=str(encoding),
        )
    return Question(
        request.parameter("prefix") or "",
        request.parameter("delimiter") or "",
        read_limit(request, limit_name),
        encoding,
    )


def read_limit(request: S3Request, name: str, largest: int = LARGEST_PAGE) -> int:
    """Read how many entries a page may have; more than S3 shows at once is not an error.

    Raises:
        ServiceError: ``InvalidArgument``: it is no number.
    """
    return number(request.parameter(name), name, largest)


def number(text: str | None, name: str, largest: int) -> int:
    """Read a number of entries; without one it is the largest that S3 shows.

    Raises:
        ServiceError: ``InvalidArgument``: it is no number.
    """
    if not text:
        return largest
    entries = read_whole(text)
    if entries is not None and entries < 1 << 31:
        return min(entries, largest)
    negative = text.isascii() and text.startswith("-") and text[1:].isdigit()
    shown = "maxKeys" if negative and name == "max-keys" else name
    raise s3_error(
        "InvalidArgument",
        f"Argument {shown} must be an integer between 0 and 2147483647"
        if negative
        else f"Provided {name} not an integer or within integer range",
        ArgumentName=shown,
        ArgumentValue=text,
    )


def read_page(
    source: Source[_Item, _Position], question: Question, start: _Position, shown_before: str
) -> Page[_Item]:
    """Read one page from ``start`` on, without the common prefix that a marker lies in."""
    items: list[_Item] = []
    prefixes: list[str] = []
    position: _Position = start
    last: _Item | str | None = None
    look = first_look = _FIRST_LOOK if question.delimiter else question.limit
    more = True
    while more and (wanted := question.limit - len(items) - len(prefixes)) > 0:
        wanted = min(wanted, look)
        found = source.read(position, wanted)
        more, look = len(found) == wanted, look * 4
        for item in found:
            group = _common_prefix(item.key, question)
            if group is None:
                items.append(item)
                position, last = source.position_of(item), item
                continue
            if not shown_before.startswith(group):
                prefixes.append(group)
                last = group
            position, more, look = source.position_behind(group), True, first_look
            break
    truncated = bool(question.limit) and more and bool(source.read(position, 1))
    return Page(items=tuple(items), prefixes=tuple(prefixes), last=last, truncated=truncated)


def _common_prefix(key: str, question: Question) -> str | None:
    if not question.delimiter:
        return None
    end = key.find(question.delimiter, len(question.prefix))
    return None if end == -1 else key[: end + len(question.delimiter)]
