"""Versions of objects: kept, hidden by delete markers, listed, deleted.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
"""

import re
from base64 import b64encode
from hashlib import md5

import pytest
from s3_calls import error

ON = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
OFF = b"<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"


def put(s3, key, body):
    return s3("PUT", f"/b-1/{key}", body).headers.get("x-amz-version-id")


@pytest.fixture
def versioned(s3):
    assert s3("PUT", "/b-1", ON, query="versioning").status == 200
    return s3


def listed(s3, query=""):
    """Give every version and marker as key, version id, latest."""
    answer = s3("GET", "/b-1", query=f"versions{query}").body.decode()
    found = re.findall(r"<(Version|DeleteMarker)>(.*?)</\1>", answer)
    return [
        (
            kind,
            *(
                re.search(f"<{name}>(.*)</{name}>", text)[1]
                for name in ("Key", "VersionId", "IsLatest")
            ),
        )
        for kind, text in found
    ]


def test_the_status(s3):
    """It is empty until it is first set, and never empty again."""
    never = s3("GET", "/b-1", query="versioning").body
    s3("PUT", "/b-1", ON, query="versioning")
    enabled = s3("GET", "/b-1", query="versioning").body
    s3("PUT", "/b-1", OFF, query="versioning")
    suspended = s3("GET", "/b-1", query="versioning").body
    wrong = s3("PUT", "/b-1", b"<VersioningConfiguration/>", query="versioning")

    assert (b"Status" in never, b"Enabled" in enabled, b"Suspended" in suspended) == (
        False,
        True,
        True,
    )
    assert error(wrong) == (
        400,
        "IllegalVersioningConfigurationException",
        "The Versioning element must be specified",
    )


def test_versions_are_kept(versioned):
    """Each is found by its id; the newest is the object; the oldest may be from before."""
    first, second = put(versioned, "k", b"1"), put(versioned, "k", b"2")

    assert versioned("GET", "/b-1/k").headers["x-amz-version-id"] == second
    assert versioned("GET", "/b-1/k", query=f"versionId={first}").body == b"1"
    assert versioned("GET", "/b-1/k", query=f"versionId={second}").body == b"2"
    assert listed(versioned) == [
        ("Version", "k", second, "true"),
        ("Version", "k", first, "false"),
    ]


def test_a_delete_marker_hides_an_object(versioned):
    """A read says so in its headers; the versions stay; without the marker all is as before."""
    version = put(versioned, "k", b"1")
    deleted = versioned("DELETE", "/b-1/k")
    marker = deleted.headers["x-amz-version-id"]
    missing = versioned("GET", "/b-1/k")
    refused = versioned("GET", "/b-1/k", query=f"versionId={marker}")
    empty = versioned("GET", "/b-1").body

    assert (deleted.status, deleted.headers["x-amz-delete-marker"]) == (204, "true")
    assert error(missing)[:2] == (404, "NoSuchKey")
    assert missing.headers["x-amz-delete-marker"] == "true"
    assert missing.headers["x-amz-version-id"] == marker
    assert error(refused)[:2] == (405, "MethodNotAllowed")
    assert refused.headers["allow"] == "DELETE"
    assert b"<Contents>" not in empty
    assert versioned("GET", "/b-1/k", query=f"versionId={version}").body == b"1"

    undeleted = versioned("DELETE", "/b-1/k", query=f"versionId={marker}")

    assert undeleted.headers["x-amz-delete-marker"] == "true"
    assert versioned("GET", "/b-1/k").body == b"1"
    assert listed(versioned) == [("Version", "k", version, "true")]


def test_deleting_the_newest_version(versioned):
    """The one before is the object again; the bytes of the deleted one are gone."""
    first, second = put(versioned, "k", b"1"), put(versioned, "k", b"2")
    answer = versioned("DELETE", "/b-1/k", query=f"versionId={second}")

    assert (answer.status, answer.headers["x-amz-version-id"]) == (204, second)
    assert versioned("GET", "/b-1/k").headers["x-amz-version-id"] == first
    assert len(versioned.files()) == 1


def test_suspended_versions(versioned):
    """A write takes the place of the null version, and of no other."""
    kept = put(versioned, "k", b"1")
    versioned("PUT", "/b-1", OFF, query="versioning")
    put(versioned, "k", b"2")
    put(versioned, "k", b"3")

    assert listed(versioned) == [
        ("Version", "k", "null", "true"),
        ("Version", "k", kept, "false"),
    ]
    assert versioned("GET", "/b-1/k", query="versionId=null").body == b"3"

    versioned("DELETE", "/b-1/k")

    assert listed(versioned) == [
        ("DeleteMarker", "k", "null", "true"),
        ("Version", "k", kept, "false"),
    ]
    assert len(versioned.files()) == 1


def test_objects_from_before_versioning(s3):
    """They are the null version."""
    put(s3, "k", b"old")
    s3("PUT", "/b-1", ON, query="versioning")
    new = put(s3, "k", b"new")

    assert listed(s3) == [("Version", "k", new, "true"), ("Version", "k", "null", "false")]
    assert s3("GET", "/b-1/k", query="versionId=null").body == b"old"


def test_versions_that_are_not_there(versioned):
    """Gone: NoSuchVersion; never given out: InvalidArgument; deleting one that is gone: 204."""
    versioned("PUT", "/b-2")
    put(versioned, "k", b"1")
    unknown = put(versioned, "other", b"1")
    made_up = unknown[:-4] + ("ABCD" if unknown[-4:] != "ABCD" else "EFGH")

    assert error(versioned("GET", "/b-1/k", query=f"versionId={unknown}")) == (
        404,
        "NoSuchVersion",
        "The specified version does not exist.",
    )
    impossible = (400, "InvalidArgument", "Invalid version id specified")
    assert error(versioned("GET", "/b-2/k", query="versionId=abc")) == impossible
    assert error(versioned("DELETE", "/b-1/k", query=f"versionId={made_up}")) == impossible
    assert versioned("DELETE", "/b-1/k", query=f"versionId={unknown}").status == 204


def test_pages_of_versions(versioned):
    """Pages of two join to the whole list, whatever the markers fall on."""
    for key in ("a", "b", "b", "b", "c/1", "c/2", "d"):
        put(versioned, key, b"")
    versioned("DELETE", "/b-1/a")
    whole = listed(versioned)
    pages, query = [], "&max-keys=2"
    while query:
        answer = versioned("GET", "/b-1", query=f"versions{query}").body.decode()
        pages += listed(versioned, query)
        key = re.search("<NextKeyMarker>(.*)</NextKeyMarker>", answer)
        version = re.search("<NextVersionIdMarker>(.*)</NextVersionIdMarker>", answer)
        query = key and f"&max-keys=2&key-marker={key[1]}&version-id-marker={version[1]}"

    assert pages == whole
    assert [entry[1] for entry in whole] == ["a", "a", "b", "b", "b", "c/1", "c/2", "d"]
    assert [entry[1] for entry in listed(versioned, "&delimiter=/")] == list("aabbbd")
    assert error(versioned("GET", "/b-1", query="versions&version-id-marker=x"))[1] == (
        "InvalidArgument"
    )


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_bucket_is_emptied_page_by_page(s3, size):
    """Recorded on AWS: the version that a page ended with may be gone by the next."""
    put(s3, "k", b"from before")
    s3("PUT", "/b-1", ON, query="versioning")
    for key in ("k", "k", "j", "l", "k"):
        put(s3, key, b"")
    s3("DELETE", "/b-1/k")
    seen, query = [], f"&max-keys={size}"
    while query:
        answer = s3("GET", "/b-1", query=f"versions{query}").body.decode()
        page = listed(s3, query)
        seen += [version for _, _, version, _ in page]
        for _, key, version, _ in page:
            s3("DELETE", f"/b-1/{key}", query=f"versionId={version}")
        key, version = (
            re.search(f"<Next{name}Marker>(.*?)</", answer) for name in ("Key", "VersionId")
        )
        query = key and f"&max-keys={size}&key-marker={key[1]}&version-id-marker={version[1]}"

    assert (len(seen), len(set(seen))) == (7, 7)
    assert not listed(s3)


def test_a_bucket_with_versions_cannot_be_deleted(versioned):
    """A delete marker is enough to keep it."""
    version = put(versioned, "k", b"1")
    marker = versioned("DELETE", "/b-1/k").headers["x-amz-version-id"]
    refused = versioned("DELETE", "/b-1")
    for one in (version, marker):
        versioned("DELETE", "/b-1/k", query=f"versionId={one}")

    assert error(refused) == (
        409,
        "BucketNotEmpty",
        "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
    )
    assert versioned("DELETE", "/b-1").status == 204


def test_the_form_of_version_ids(versioned):
    """Recorded on AWS: 32 letters, digits, dots and underscores."""
    ids = [put(versioned, "k", b"") for _ in range(50)]

    assert [one for one in ids if not re.fullmatch("[A-Za-z0-9._]{32}", one)] == []


def test_deleting_many_versions_that_never_were(versioned):
    """Recorded on AWS: here an id that was never given out is NoSuchVersion, kept or not."""
    versioned("PUT", "/b-2")
    body = (
        b"<Delete><Object><Key>k</Key><VersionId>HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD</VersionId>"
        b"</Object></Delete>"
    )
    headers = {"Content-MD5": b64encode(md5(body, usedforsecurity=False).digest()).decode()}
    answers = [
        versioned("POST", bucket, body, headers, query="delete").body.decode()
        for bucket in ("/b-1", "/b-2")
    ]

    expected = (
        "<Error><Key>k</Key><VersionId>HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD</VersionId>"
        "<Code>NoSuchVersion</Code><Message>The specified version does not exist.</Message></Error>"
    )
    assert [expected in answer for answer in answers] == [True, True]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("named", [True, False])
def test_tags_of_a_delete_marker(versioned, method, named):
    """Recorded on AWS: a marker has none, and the error names the method of the request."""
    put(versioned, "k", b"1")
    marker = versioned("DELETE", "/b-1/k").headers["x-amz-version-id"]
    query = "tagging" + (f"&versionId={marker}" if named else "")
    answer = versioned(method, "/b-1/k", b"<Tagging/>" * (method == "PUT"), query=query)

    assert error(answer)[:2] == (405, "MethodNotAllowed")
    assert f"<Method>{method}</Method><ResourceType>DeleteMarker<".encode() in answer.body
