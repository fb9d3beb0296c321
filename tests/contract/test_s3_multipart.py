"""Multipart uploads, their checksums and their refusals.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

import base64
import hashlib
import re
from datetime import timedelta

import pytest
from awscrt import checksums as crt
from s3_calls import NAMESPACE, error

LARGE = b"a" * (5 * 1024 * 1024)
SMALL = b"bcd"


def b64(digest):
    return base64.b64encode(digest).decode()


def begin(s3, headers=None):
    answer = s3("POST", "/b-1/k", headers=headers, query="uploads")
    return re.search("<UploadId>(.*)</UploadId>", answer.body.decode())[1]


def upload(s3, upload_id, number, body, headers=None):
    return s3("PUT", "/b-1/k", body, headers, query=f"partNumber={number}&uploadId={upload_id}")


def complete(s3, upload_id, *parts, headers=None):
    listed = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag>{more}</Part>"
        for number, etag, more in ((*part, "")[:3] for part in parts)
    )
    document = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
    return s3("POST", "/b-1/k", document, headers, query=f"uploadId={upload_id}")


def test_an_upload_in_two_parts(s3):
    """The object's ETag is the MD5 of the parts' MD5s; its parts can be read singly."""
    upload_id = begin(s3, {"Content-Type": "text/plain", "x-amz-tagging": "a=1"})
    etags = [upload(s3, upload_id, n, body).headers["etag"] for n, body in ((1, LARGE), (3, SMALL))]
    answer = complete(s3, upload_id, (1, etags[0]), (3, etags[1]))
    md5s = b"".join(hashlib.md5(body).digest() for body in (LARGE, SMALL))
    etag = f'"{hashlib.md5(md5s).hexdigest()}-2"'
    whole, part = s3("GET", "/b-1/k"), s3("GET", "/b-1/k", query="partNumber=3")
    across = s3("GET", "/b-1/k", headers={"Range": f"bytes={len(LARGE) - 2}-{len(LARGE)}"})
    checksum = b64(crt.crc64nvme(LARGE + SMALL).to_bytes(8, "big"))

    assert answer.body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<CompleteMultipartUploadResult{NAMESPACE}>"
        "<Location>http://127.0.0.1:4566/b-1/k</Location><Bucket>b-1</Bucket><Key>k</Key>"
        f"<ETag>{etag}</ETag>"
        f"<ChecksumCRC64NVME>{checksum}</ChecksumCRC64NVME>"
        "<ChecksumType>FULL_OBJECT</ChecksumType></CompleteMultipartUploadResult>"
    )
    assert (whole.body, whole.headers["etag"]) == (LARGE + SMALL, etag)
    assert whole.headers["content-type"] == "text/plain"
    assert whole.headers["x-amz-tagging-count"] == "1"
    assert (part.status, part.body) == (206, SMALL)
    assert part.headers["x-amz-mp-parts-count"] == "2"
    assert (across.status, across.body) == (206, b"aab")


def test_a_completion_that_is_sent_again(s3):
    """It answers the same, whatever its conditions, as long as the object is there."""
    upload_id = begin(s3)
    etag = upload(s3, upload_id, 1, SMALL).headers["etag"]
    first, again = (
        complete(s3, upload_id, (1, etag), headers=headers)
        for headers in ({}, {"If-None-Match": "*"})
    )
    copied = s3("PUT", "/b-1/copy", headers={"x-amz-copy-source": "/b-1/k"})
    s3("PUT", "/b-1/k", b"other")

    assert (first.status, again.status, first.body) == (200, 200, again.body)
    assert (copied.status, "upload" in s3("HEAD", "/b-1/k").headers) == (200, False)
    assert error(complete(s3, upload_id, (1, etag)))[:2] == (404, "NoSuchUpload")


def test_parts_that_are_not_chosen(s3):
    """A part that was replaced or left out leaves nothing on the disk."""
    upload_id = begin(s3)
    upload(s3, upload_id, 1, b"replaced")
    etag = upload(s3, upload_id, 1, SMALL).headers["etag"]
    upload(s3, upload_id, 2, b"left out")
    complete(s3, upload_id, (1, etag))

    assert s3("GET", "/b-1/k").body == SMALL
    assert len(s3.files()) == 1


def test_an_abort(s3):
    """Nothing is left, and the upload is not there any more."""
    upload_id = begin(s3)
    upload(s3, upload_id, 1, SMALL)

    assert s3("DELETE", "/b-1/k", query=f"uploadId={upload_id}").status == 204
    assert s3.files() == []
    for refused in (
        upload(s3, upload_id, 1, SMALL),
        complete(s3, upload_id, (1, "x")),
        s3("DELETE", "/b-1/k", query=f"uploadId={upload_id}"),
        s3("GET", "/b-1/k", query=f"uploadId={upload_id}"),
    ):
        assert error(refused) == (
            404,
            "NoSuchUpload",
            (
                "The specified upload does not exist. The upload ID may be invalid, or the upload"
                " may have been aborted or completed."
            ),
        )


def test_refused_completions(s3):
    """Wrong ETag, wrong order, too small, no list: refused in S3's words; the upload stays."""
    upload_id = begin(s3)
    first, second = (upload(s3, upload_id, n, SMALL).headers["etag"] for n in (1, 2))
    refusals = [
        (complete(s3, upload_id, (1, '"0123"')), "InvalidPart"),
        (complete(s3, upload_id, (7, first)), "InvalidPart"),
        (complete(s3, upload_id, (2, second), (1, first)), "InvalidPartOrder"),
        (complete(s3, upload_id, (1, first), (1, first)), "InvalidPartOrder"),
        (complete(s3, upload_id, (1, first), (2, second)), "EntityTooSmall"),
        (complete(s3, upload_id), "MalformedXML"),
        (
            complete(s3, upload_id, (2, second), headers={"x-amz-mp-object-size": "7"}),
            "InvalidRequest",
        ),
        (complete(s3, upload_id, (2, second), headers={"If-Match": second}), "NoSuchKey"),
        (upload(s3, upload_id, 10_001, SMALL), "InvalidArgument"),
        (upload(s3, upload_id, 0, SMALL), "InvalidArgument"),
    ]

    assert [error(answer)[1] for answer, _ in refusals] == [code for _, code in refusals]
    assert complete(s3, upload_id, (2, second)).status == 200


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA1", "CRC32", "CRC32C"])
def test_composite_checksums(s3, algorithm):
    """Each part has its own, the object's is made of them, with the number of parts."""
    functions = {
        "SHA256": lambda body: hashlib.sha256(body).digest(),
        "SHA1": lambda body: hashlib.sha1(body).digest(),
        "CRC32": lambda body: crt.crc32(body).to_bytes(4, "big"),
        "CRC32C": lambda body: crt.crc32c(body).to_bytes(4, "big"),
    }
    digest = functions[algorithm]
    header = f"x-amz-checksum-{algorithm.lower()}"
    upload_id = begin(s3, {"x-amz-checksum-algorithm": algorithm})
    parts = []
    for number, body in ((1, LARGE), (2, SMALL)):
        answer = upload(s3, upload_id, number, body, {header: b64(digest(body))})
        checksum = f"<Checksum{algorithm}>{b64(digest(body))}</Checksum{algorithm}>"
        parts.append((number, answer.headers["etag"], checksum))
    silent = complete(s3, upload_id, *(part[:2] for part in parts))
    unsigned = upload(s3, upload_id, 3, SMALL)
    complete(s3, upload_id, *parts)
    shown = s3("HEAD", "/b-1/k", headers={"x-amz-checksum-mode": "ENABLED"})

    assert error(silent)[2] == (
        f"The upload was created using a {algorithm.lower()} checksum. The complete request must"
        " include the checksum for each part. It was missing for part 1 in the request."
    )
    assert error(unsigned)[2] == (
        f"Checksum Type mismatch occurred, expected checksum Type: {algorithm.lower()},"
        " actual checksum Type: null"
    )
    composite = b64(digest(digest(LARGE) + digest(SMALL)))
    assert shown.headers[header] == f"{composite}-2"
    assert shown.headers["x-amz-checksum-type"] == "COMPOSITE"
    wanted = {"x-amz-object-attributes": "Checksum,ObjectParts"}
    attributes = s3("GET", "/b-1/k", headers=wanted, query="attributes").body.decode()
    assert f">{composite}</Checksum" in attributes  # without the number of parts
    wrong = s3("GET", "/b-1/k", headers={**wanted, "x-amz-max-parts": "x"}, query="attributes")
    assert error(wrong)[1] == "InvalidArgument"


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME"])
def test_full_object_checksums(s3, algorithm):
    """The CRC of the whole is that of a single upload; a wrong one is BadDigest."""
    upload_id = begin(
        s3, {"x-amz-checksum-algorithm": algorithm, "x-amz-checksum-type": "FULL_OBJECT"}
    )
    parts = [
        (n, upload(s3, upload_id, n, body).headers["etag"]) for n, body in ((1, LARGE), (2, SMALL))
    ]
    size = 8 if algorithm == "CRC64NVME" else 4
    whole = b64(getattr(crt, algorithm.lower())(LARGE + SMALL).to_bytes(size, "big"))
    wrong = b64(bytes(size))
    header = f"x-amz-checksum-{algorithm.lower()}"
    kind = {"x-amz-checksum-type": "FULL_OBJECT"}
    refused = complete(s3, upload_id, *parts, headers={header: wrong, **kind})
    untyped = complete(s3, upload_id, *parts, headers={header: whole})
    mode = complete(s3, upload_id, *parts, headers={"x-amz-checksum-type": "COMPOSITE"})
    complete(s3, upload_id, *parts, headers={header: whole, **kind})
    shown = s3("HEAD", "/b-1/k", headers={"x-amz-checksum-mode": "ENABLED"})

    # Recorded on AWS: the right one without its type does not match, either.
    assert [error(answer) for answer in (refused, untyped)] == 2 * [
        (
            400,
            "BadDigest",
            f"The {algorithm.lower()} you specified did not match the calculated checksum.",
        )
    ]
    assert error(mode)[2] == (
        "The upload was created using the FULL_OBJECT checksum mode. The complete request must use"
        " the same checksum mode."
    )
    assert (shown.headers[header], shown.headers["x-amz-checksum-type"]) == (whole, "FULL_OBJECT")


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (
            {"x-amz-checksum-type": "COMPOSITE"},
            (
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm"
                " header."
            ),
        ),
        (
            {"x-amz-checksum-algorithm": "CRC64NVME", "x-amz-checksum-type": "COMPOSITE"},
            "The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm.",
        ),
        (
            {"x-amz-checksum-algorithm": "SHA1", "x-amz-checksum-type": "FULL_OBJECT"},
            "The FULL_OBJECT checksum type cannot be used with the sha1 checksum algorithm.",
        ),
        (
            {"x-amz-checksum-algorithm": "XOR"},
            (
                "Checksum algorithm provided is unsupported. Please try again with any of the valid"
                " types: [CRC32, CRC32C, SHA1, SHA256]"
            ),
        ),
    ],
)
def test_checksums_that_cannot_be(s3, headers, message):
    """Algorithm and type must go together."""
    answer = s3("POST", "/b-1/k", headers=headers, query="uploads")

    assert error(answer) == (400, "InvalidRequest", message)


def test_parts_copied_from_objects(s3):
    """A part can be (a range of) an object, the source's conditions included."""
    s3("PUT", "/b-1/source", b"0123456789")
    upload_id = begin(s3)
    query = f"partNumber=1&uploadId={upload_id}"
    source = {"x-amz-copy-source": "b-1/source"}
    ranged = {**source, "x-amz-copy-source-range": "bytes=2-4"}
    answer = s3("PUT", "/b-1/k", headers=ranged, query=query)
    etag = re.search("<ETag>(.*)</ETag>", answer.body.decode())[1]
    beyond = s3(
        "PUT", "/b-1/k", headers={**source, "x-amz-copy-source-range": "bytes=2-10"}, query=query
    )
    unmet = s3(
        "PUT", "/b-1/k", headers={**source, "x-amz-copy-source-if-match": '"x"'}, query=query
    )
    complete(s3, upload_id, (1, etag))

    assert s3("GET", "/b-1/k").body == b"234"
    assert error(beyond)[2] == "Range specified is not valid for source object of size: 10"
    assert error(unmet)[1] == "PreconditionFailed"


def test_ranges_that_no_part_is_copied_from(s3):
    """Recorded on AWS: both ends are named, and the first one lies within the source."""
    s3("PUT", "/b-1/source", b"0123456789")
    upload_id = begin(s3)

    def copy(wanted):
        headers = {"x-amz-copy-source": "/b-1/source", "x-amz-copy-source-range": wanted}
        return error(upload(s3, upload_id, 1, b"", headers))[1:]

    form = (
        "InvalidArgument",
        (
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and"
            " last are the zero-based offsets of the first and last bytes to copy"
        ),
    )
    malformed = ("0-8", "bytes=1-0", "bytes=-", "bytes=-0", "bytes=-2", "bytes=1-", "bytes=0-1,3-4")
    assert {wanted: copy(wanted) for wanted in malformed} == dict.fromkeys(malformed, form)
    assert copy("bytes=100-200") == (
        "InvalidRequest",
        "The specified copy range is invalid for the source object size",
    )


def test_pages_of_parts(s3):
    """ListParts shows pages that join, with what each part is."""
    upload_id = begin(s3)
    for number in (1, 2, 5):
        upload(s3, upload_id, number, b"%d" % number)
    pages, marker = [], ""
    while marker is not None:
        query = f"uploadId={upload_id}&max-parts=2&part-number-marker={marker}"
        text = s3("GET", "/b-1/k", query=query).body.decode()
        pages.append(re.findall("<PartNumber>(.*?)</PartNumber>", text))
        more = "<IsTruncated>true" in text
        marker = re.search("<NextPartNumberMarker>(.*?)</", text)[1] if more else None

    assert pages == [["1", "2"], ["5"]]


@pytest.mark.parametrize("name", ["max-parts", "part-number-marker"])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("-42", "Argument {} must be an integer between 0 and 2147483647"),
        ("2147483689", "Provided {} not an integer or within integer range"),
        ("x", "Provided {} not an integer or within integer range"),
    ],
)
def test_numbers_that_are_none(s3, name, value, message):
    """They are refused in S3's words."""
    answer = s3("GET", "/b-1/k", query=f"uploadId={begin(s3)}&{name}={value}")

    assert error(answer) == (400, "InvalidArgument", message.format(name))


def test_pages_of_uploads(s3):
    """ListMultipartUploads shows pages that join, and groups by a delimiter."""
    for key in ("a", "a", "b/1", "b/2", "c"):
        s3("POST", f"/b-1/{key}", query="uploads")
    keys, query = [], "&max-uploads=2"
    while query:
        text = s3("GET", "/b-1", query=f"uploads{query}").body.decode()
        keys += re.findall("<Upload><Key>(.*?)</Key>", text)
        markers = [
            re.search(f"<Next{name}Marker>(.*?)</Next", text) for name in ("Key", "UploadId")
        ]
        query = "<IsTruncated>true" in text and (
            f"&max-uploads=2&key-marker={markers[0][1]}&upload-id-marker={markers[1][1]}"
        )
    grouped = s3("GET", "/b-1", query="uploads&delimiter=/").body.decode()

    assert keys == ["a", "a", "b/1", "b/2", "c"]
    assert re.findall("<Upload><Key>(.*?)</Key>", grouped) == ["a", "a", "c"]
    assert "<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>" in grouped


def markers(answer):
    found = re.findall("<Next(?:Key|UploadId)Marker>(.*?)</", answer.body.decode())
    return tuple(found)


def test_markers_of_the_last_page(s3):
    """Recorded on AWS: the next markers are always there; the prefix only where one was named."""
    empty = s3("GET", "/b-1", query="uploads")
    first, second = begin(s3), None
    s3.clock.advance(timedelta(seconds=1))
    second = begin(s3)
    page = s3("GET", "/b-1", query="uploads&max-uploads=1")
    last = s3("GET", "/b-1", query=f"uploads&key-marker=k&upload-id-marker={first}")

    assert (markers(empty), markers(page), markers(last)) == (("", ""), ("k", first), ("k", second))
    assert (b"<Prefix>" in empty.body, b"<IsTruncated>false" in last.body) == (False, True)


def test_a_marker_of_another_key(s3):
    """Recorded on AWS: an upload's id marks a place among the uploads of its own key."""
    answer = s3("GET", "/b-1", query=f"uploads&key-marker=other&upload-id-marker={begin(s3)}")

    assert error(answer) == (400, "InvalidArgument", "Invalid uploadId marker")


def test_a_part_with_a_checksum_of_another_kind(s3):
    """Recorded on AWS: it is no missing one, but a wrong one."""
    upload_id = begin(s3, {"x-amz-checksum-algorithm": "CRC32"})
    part = upload(s3, upload_id, 1, b"abc", {"x-amz-checksum-crc32": "NSRBwg=="})
    wrong = f"<ChecksumSHA256>{b64(hashlib.sha256(b'abc').digest())}</ChecksumSHA256>"
    answer = complete(s3, upload_id, (1, part.headers["etag"], wrong))

    assert error(answer) == (
        400,
        "BadDigest",
        "The sha256 you specified for part 1 did not match what we received.",
    )


def test_a_completion_without_a_document(s3):
    """Recorded on AWS: no body at all is another error than a list without parts."""
    upload_id = begin(s3)

    assert error(s3("POST", "/b-1/k", b"", query=f"uploadId={upload_id}")) == (
        400,
        "InvalidRequest",
        "You must specify at least one part",
    )
    assert error(complete(s3, upload_id))[1] == "MalformedXML"


def test_checksums_of_an_upload_without_any(s3):
    """Recorded on AWS: its completion takes none for a part, and no type."""
    upload_id = begin(s3)
    sent = upload(s3, upload_id, 1, b"aaa", {"x-amz-checksum-crc32c": "45fn2Q=="})
    part = (1, sent.headers["etag"])
    named = complete(s3, upload_id, (*part, "<ChecksumCRC32C>45fn2Q==</ChecksumCRC32C>"))
    typed = complete(s3, upload_id, part, headers={"x-amz-checksum-type": "FULL_OBJECT"})

    assert error(named)[1] == "InvalidPart"
    assert error(typed) == (
        400,
        "InvalidRequest",
        (
            "The upload was created using the null checksum mode. The complete request must use the"
            " same checksum mode."
        ),
    )
    assert complete(s3, upload_id, part).status == 200


@pytest.mark.parametrize("kind", ["COMPOSITE", "FULL_OBJECT"])
def test_the_checksum_of_a_part_that_is_read(s3, kind):
    """Recorded on AWS: the part's own of a composite one; of a whole one if there is no other."""
    headers = {"x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-type": kind}
    upload_id = begin(s3, headers)
    sent = upload(s3, upload_id, 1, b"abc", {"x-amz-checksum-crc32": "NSRBwg=="})
    checksum = "<ChecksumCRC32>NSRBwg==</ChecksumCRC32>"
    complete(s3, upload_id, (1, sent.headers["etag"], checksum))
    mode = {"x-amz-checksum-mode": "ENABLED"}
    answer = s3("GET", "/b-1/k", headers=mode, query="partNumber=1")

    assert answer.headers["x-amz-checksum-crc32"] == "NSRBwg=="
    assert answer.headers["x-amz-mp-parts-count"] == "1"
