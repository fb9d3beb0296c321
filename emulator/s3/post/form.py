"""Browser uploads: a form in ``multipart/form-data``, its fields in memory, its file as a stream.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
The file must come last: what comes behind it is ignored, as S3 does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from emulator.s3.errors import s3_error
from emulator.wsgi import ClientDisconnected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.s3.request import S3Request

_PIECE = 1 << 18
_LARGEST_FIELDS_BYTES = 20 * 1024


@dataclass(frozen=True, slots=True)
class Form:
    """A form up to its file.

    Args:
        fields: by lower-case name.
        filename: the name of the file on the client; ``None`` without one.
        pieces: the bytes of the file; to be read once.
    """

    fields: dict[str, str]
    filename: str | None
    pieces: Iterator[bytes]


def read_form(request: S3Request) -> Form:
    """Read a form up to its file.

    Raises:
        ServiceError: it is none, has no file, or too much before it.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind.lower() != "multipart/form-data" or "boundary" not in options:
        raise s3_error(
            "PreconditionFailed",
            Condition="Bucket POST must be of the enclosure-type multipart/form-data",
        )
    events = _events(request.environ["wsgi.input"], options["boundary"])
    fields: dict[str, str] = {}
    left = _LARGEST_FIELDS_BYTES
    for event in events:
        if not isinstance(event, Field | File):
            continue
        name = (event.name or "").lower()
        if name == "file":
            return Form(fields, getattr(event, "filename", None), _data(events))
        # Fields that bear a filename are fields all the same.
        value = bytearray()
        for piece in _data(events):
            value += piece
            left -= len(piece)
            if left < 0:
                raise s3_error(
                    "MaxPostPreDataLengthExceededError",
                    "Your POST request fields preceding the upload file were too large.",
                    MaxPostPreDataLengthBytes=str(_LARGEST_FIELDS_BYTES),
                )
        fields[name] = value.decode("utf-8", "replace")
    raise s3_error(
        "InvalidArgument",
        "POST requires exactly one file upload per request.",
        ArgumentName="file",
        ArgumentValue="0",
    )


def _events(source: Any, boundary: str) -> Iterator[Any]:
    decoder = MultipartDecoder(boundary.encode())
    try:
        while True:
            event = decoder.next_event()
            if isinstance(event, NeedData):
                decoder.receive_data(source.read(_PIECE) or None)
            elif isinstance(event, Epilogue):
                return
            else:
                yield event
    except (ValueError, ClientDisconnected) as error:
        raise s3_error(
            "MalformedPOSTRequest",
            "The body of your POST request is not well-formed multipart/form-data.",
        ) from error


def _data(events: Iterator[Any]) -> Iterator[bytes]:
    for event in events:
        if not isinstance(event, Data):
            return
        yield event.data
        if not event.more_data:
            return
