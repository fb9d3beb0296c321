"""Configurations of buckets that are checked, kept and shown, and have no effect here.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAccelerateConfiguration.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketInventoryConfiguration.html
"""

import pytest
from s3_calls import NAMESPACE, error

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
DESTINATION = "<Destination><Bucket>arn:aws:s3:::{}</Bucket></Destination>"
REPLICATION = (
    "<ReplicationConfiguration><Role>arn:aws:iam::1:role/r</Role><Rule><ID>1</ID>"
    "<Status>Enabled</Status><Prefix>x</Prefix>"
    + DESTINATION
    + "</Rule></ReplicationConfiguration>"
)
VERSIONED = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
LIFECYCLE = (
    "<LifecycleConfiguration><Rule><ID>a</ID><Filter><Prefix>x</Prefix></Filter>"
    "<Status>Enabled</Status>{}</Rule></LifecycleConfiguration>"
)
EXPIRY = "<Expiration><Days>1</Days></Expiration>"
WEBSITE = "<WebsiteConfiguration>{}</WebsiteConfiguration>"
LOGGING = (
    "<BucketLoggingStatus><LoggingEnabled><TargetBucket>{}</TargetBucket>"
    "<TargetPrefix>log/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>"
)
ACCELERATION = "<AccelerateConfiguration><Status>{}</Status></AccelerateConfiguration>"
INDEX = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>"
PAYMENT = "<RequestPaymentConfiguration><Payer>{}</Payer></RequestPaymentConfiguration>"
ENCRYPTION = (
    "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
    "<SSEAlgorithm>{}</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
    "<BucketKeyEnabled>false</BucketKeyEnabled></Rule>"
    "</ServerSideEncryptionConfiguration>"
)


def put(s3, query, document, bucket="b-1"):
    return s3("PUT", f"/{bucket}", document.encode(), query=query)


@pytest.mark.parametrize(
    ("query", "document", "code"),
    [
        ("lifecycle", LIFECYCLE.format(EXPIRY), "NoSuchLifecycleConfiguration"),
        ("website", WEBSITE.format(INDEX), "NoSuchWebsiteConfiguration"),
        ("replication", REPLICATION.format("b-2"), "ReplicationConfigurationNotFoundError"),
    ],
)
def test_they_are_put_shown_and_deleted(s3, query, document, code):
    """A bucket without one says so."""
    s3("PUT", "/b-2")
    for bucket in ("b-1", "b-2"):
        s3("PUT", f"/{bucket}", VERSIONED, query="versioning")
    none = s3("GET", "/b-1", query=query)
    answer = put(s3, query, document.replace("><", ">\n <"))
    root = document[1:].partition(">")[0]

    assert (error(none)[:2], answer.status) == ((404, code), 200)
    assert s3("GET", "/b-1", query=query).body.decode() == (
        HEAD + document.replace(root, root + NAMESPACE, 1)
    )
    assert s3("DELETE", "/b-1", query=query).status == 204
    assert error(s3("GET", "/b-1", query=query))[:2] == (404, code)


@pytest.mark.parametrize(
    ("query", "document"),
    [
        ("logging", LOGGING.format("b-1")),
        ("accelerate", ACCELERATION.format("Enabled")),
        ("requestPayment", PAYMENT.format("Requester")),
        ("encryption", ENCRYPTION.format("AES256")),
    ],
)
def test_they_are_put_and_shown(s3, query, document):
    """These a bucket always has, if only an empty one."""
    assert s3("GET", "/b-1", query=query).status == 200
    assert put(s3, query, document).status == 200
    root = document[1:].partition(">")[0]
    assert s3("GET", "/b-1", query=query).body.decode() == (
        HEAD + document.replace(root, root + NAMESPACE, 1)
    )


def test_logging_ends(s3):
    """An empty status ends it."""
    put(s3, "logging", LOGGING.format("b-1"))
    put(s3, "logging", "<BucketLoggingStatus/>")

    assert b"LoggingEnabled" not in s3("GET", "/b-1", query="logging").body


def test_what_never_was_cannot_be_suspended(s3):
    """Suspending acceleration where it never was changes nothing."""
    put(s3, "accelerate", ACCELERATION.format("Suspended"))

    assert b"Status" not in s3("GET", "/b-1", query="accelerate").body


def test_logs_stay_in_their_region(s3):
    """Recorded on AWS: buckets of one region cannot log into another."""
    elsewhere = (
        "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>"
        "</CreateBucketConfiguration>"
    )
    put(s3, "", elsewhere, "b-eu")
    answer = put(s3, "logging", LOGGING.format("b-eu"))

    assert error(answer) == (
        403,
        "CrossLocationLoggingProhibitted",
        "Cross S3 location logging not allowed. ",
    )
    assert b"<TargetBucketLocation>eu-west-1<" in answer.body
    back = put(s3, "logging", LOGGING.format("b-1"), "b-eu")
    assert b"<SourceBucketLocation>eu-west-1<" in back.body


def test_objects_that_are_too_small_to_move(s3):
    """Recorded on AWS: a header says which; it is answered, and kept with the rules."""
    name = "x-amz-transition-default-minimum-object-size"
    rules = LIFECYCLE.format(EXPIRY).encode()
    put_by_default = s3("PUT", "/b-1", rules, query="lifecycle")
    kept = s3("PUT", "/b-1", rules, {name: "varies_by_storage_class"}, query="lifecycle")
    refused = s3("PUT", "/b-1", rules, {name: "x"}, query="lifecycle")
    shown = s3("GET", "/b-1", query="lifecycle")

    assert put_by_default.headers[name] == "all_storage_classes_128K"
    assert kept.headers[name] == shown.headers[name] == "varies_by_storage_class"
    assert error(refused) == (
        400,
        "InvalidRequest",
        "Invalid TransitionDefaultMinimumObjectSize found: x",
    )


def test_rules_get_an_id(s3):
    """A lifecycle rule without an ID gets one, and its date is shown with milliseconds."""
    date = "<Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration>"
    put(s3, "lifecycle", LIFECYCLE.format(date).replace("<ID>a</ID>", ""))
    shown = s3("GET", "/b-1", query="lifecycle").body

    assert (b"<ID>" in shown, b"2030-01-01T00:00:00.000Z" in shown) == (True, True)


def test_rules_of_replication_get_an_id(s3):
    """Recorded on AWS: as those of lifecycles do."""
    s3("PUT", "/b-2")
    for bucket in ("b-1", "b-2"):
        s3("PUT", f"/{bucket}", VERSIONED, query="versioning")
    put(s3, "replication", REPLICATION.format("b-2").replace("<ID>1</ID>", "<ID/>"))

    assert s3("GET", "/b-1", query="replication").body.count(b"<ID>") == 1


XML = (
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
)


@pytest.mark.parametrize(
    ("query", "document", "refusal"),
    [
        (
            "lifecycle",
            LIFECYCLE.format(""),
            ("InvalidRequest", "At least one action needs to be specified in a rule"),
        ),
        ("lifecycle", "<LifecycleConfiguration/>", XML),
        ("lifecycle", LIFECYCLE.format(EXPIRY).replace("Enabled", "On"), XML),
        ("lifecycle", LIFECYCLE.format(EXPIRY).replace("Filter>", "F>"), XML),
        ("lifecycle", LIFECYCLE.format(EXPIRY).replace("</Filter>", "<Tag/></Filter>"), XML),
        (
            "lifecycle",
            LIFECYCLE.format(EXPIRY).replace(
                "<Prefix>x</Prefix>", f"<And>{2 * '<Tag><Key>a</Key><Value>b</Value></Tag>'}</And>"
            ),
            ("InvalidRequest", "Duplicate Tag Keys are not allowed."),
        ),
        ("lifecycle", LIFECYCLE.format("<Expiration/>"), XML),
        (
            "lifecycle",
            LIFECYCLE.format(EXPIRY.replace("1", "0")),
            ("InvalidArgument", "'Days' for Expiration action must be a positive integer"),
        ),
        (
            "lifecycle",
            LIFECYCLE.format("<Expiration><Date>2030-01-01T01:00:00Z</Date></Expiration>"),
            ("InvalidArgument", "'Date' must be at midnight GMT"),
        ),
        (
            "lifecycle",
            LIFECYCLE.format("<Transition><Days>1</Days></Transition>"),
            XML,
        ),
        (
            "lifecycle",
            LIFECYCLE.format(
                "<NoncurrentVersionTransition><StorageClass>GLACIER</StorageClass>"
                "</NoncurrentVersionTransition>"
            ),
            XML,
        ),
        ("lifecycle", LIFECYCLE.format("<NoncurrentVersionExpiration/>"), XML),
        ("lifecycle", LIFECYCLE.format("<AbortIncompleteMultipartUpload/>"), XML),
        (
            "lifecycle",
            LIFECYCLE.format(EXPIRY + "</Rule><Rule>" + LIFECYCLE.format(EXPIRY)[30:-32]),
            ("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule"),
        ),
        (
            "lifecycle",
            LIFECYCLE.format(EXPIRY).replace(">a<", f">{'a' * 256}<"),
            ("InvalidArgument", "ID length should not exceed allowed limit of 255"),
        ),
        (
            "lifecycle",
            LIFECYCLE.format(
                "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>"
                "</AbortIncompleteMultipartUpload>"
            ).replace("<Prefix>x</Prefix>", "<Tag><Key>a</Key><Value>b</Value></Tag>"),
            (
                "InvalidRequest",
                "AbortIncompleteMultipartUpload cannot be specified with Tags.",
            ),
        ),
        (
            "website",
            WEBSITE.format("<ErrorDocument><Key>e</Key></ErrorDocument>"),
            (
                "InvalidArgument",
                (
                    "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is"
                    " empty"
                ),
            ),
        ),
        (
            "website",
            WEBSITE.format(INDEX.replace("index", "a/b")),
            ("InvalidArgument", "The IndexDocument Suffix is not well formed"),
        ),
        (
            "website",
            WEBSITE.format(INDEX + "<RedirectAllRequestsTo/>"),
            (
                "InvalidArgument",
                "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
            ),
        ),
        ("website", WEBSITE.format("<RedirectAllRequestsTo/>"), XML),
        (
            "website",
            WEBSITE.format(INDEX + "<ErrorDocument><Key/></ErrorDocument>"),
            ("InvalidArgument", "The ErrorDocument Key is not well formed"),
        ),
        ("website", WEBSITE.format(INDEX + "<RoutingRules/>"), XML),
        (
            "website",
            WEBSITE.format(
                "<RedirectAllRequestsTo><HostName>h</HostName><Protocol>ftp</Protocol>"
                "</RedirectAllRequestsTo>"
            ),
            (
                "InvalidRequest",
                (
                    "Invalid protocol, protocol can be http or https. If not defined the protocol"
                    " will be selected automatically."
                ),
            ),
        ),
        (
            "website",
            WEBSITE.format(
                INDEX + "<RoutingRules><RoutingRule><Redirect><ReplaceKeyWith>a</ReplaceKeyWith>"
                "<ReplaceKeyPrefixWith>b</ReplaceKeyPrefixWith></Redirect></RoutingRule>"
                "</RoutingRules>"
            ),
            ("InvalidRequest", "You can only define ReplaceKeyPrefix or ReplaceKey but not both."),
        ),
        ("website", "<" * 9, XML),
        ("website", "<a>" * 100_000 + "</a>" * 100_000, XML),
        ("website", "", ("MissingRequestBodyError", "Request Body is empty")),
        (
            "replication",
            REPLICATION.format("b-2"),
            (
                "InvalidRequest",
                "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
            ),
        ),
        (
            "logging",
            LOGGING.format("nowhere"),
            (
                "InvalidTargetBucketForLogging",
                "The target bucket for logging does not exist",
            ),
        ),
        ("logging", LOGGING.format(""), XML),
        ("accelerate", ACCELERATION.format("On"), XML),
        ("requestPayment", PAYMENT.format("Nobody"), XML),
        ("encryption", ENCRYPTION.format("rot13"), XML),
        ("encryption", "<ServerSideEncryptionConfiguration/>", XML),
        ("encryption", ENCRYPTION.format(""), XML),
        (
            "encryption",
            ENCRYPTION.format("AES256").replace("</Apply", "<KMSMasterKeyID/></Apply"),
            (
                "InvalidArgument",
                (
                    "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms"
                    " or aws:kms:dsse"
                ),
            ),
        ),
    ],
)
def test_refused_documents(s3, query, document, refusal):
    """What S3 does not take, in its words."""
    assert error(put(s3, query, document)) == (400, *refusal)


def test_refused_destinations(s3):
    """A destination of replication must be there, and keep versions."""
    s3("PUT", "/b-1", VERSIONED, query="versioning")
    absent = put(s3, "replication", REPLICATION.format("b-2"))
    s3("PUT", "/b-2")
    unversioned = put(s3, "replication", REPLICATION.format("b-2"))

    assert error(absent)[1:] == ("InvalidRequest", "Destination bucket must exist.")
    message = "Destination bucket must have versioning enabled."
    assert error(unversioned)[1:] == ("InvalidRequest", message)
    without_rules = "<ReplicationConfiguration><Role>r</Role></ReplicationConfiguration>"
    assert error(put(s3, "replication", without_rules))[1:] == XML


def test_names_with_periods(s3):
    """They cannot be accelerated."""
    s3("PUT", "/b.1")

    assert error(put(s3, "accelerate", ACCELERATION.format("Enabled"), "b.1"))[1:] == (
        "InvalidRequest",
        "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names",
    )


INVENTORY = (
    "<Destination><S3BucketDestination><Bucket>arn:aws:s3:::b-1</Bucket><Format>CSV</Format>"
    "</S3BucketDestination></Destination><Schedule><Frequency>Daily</Frequency></Schedule>"
    "<IncludedObjectVersions>All</IncludedObjectVersions>"
    "<OptionalFields><Field>Size</Field></OptionalFields>"
)


@pytest.mark.parametrize(
    ("query", "root", "mismatch"),
    [
        ("inventory", "InventoryConfiguration", "IdMismatch"),
        ("analytics", "AnalyticsConfiguration", "MalformedXML"),
        ("metrics", "MetricsConfiguration", "IdMismatch"),
        ("intelligent-tiering", "IntelligentTieringConfiguration", "MalformedXML"),
    ],
)
def test_configurations_under_an_id(s3, query, root, mismatch):
    """A bucket has several: each is put, shown, listed and deleted by its id."""
    one, two = (f"<{root}><Id>{name}</Id><X>&lt;</X>{INVENTORY}</{root}>" for name in "ab")
    absent = (404, "NoSuchConfiguration", "The specified configuration does not exist.")

    assert error(s3("GET", "/b-1", query=f"{query}&id=a")) == absent
    assert put(s3, f"{query}&id=b", two).status == put(s3, f"{query}&id=a", one).status == 204
    assert s3("GET", "/b-1", query=f"{query}&id=a").body.decode() == (
        HEAD + one.replace(root, root + NAMESPACE, 1)
    )
    assert s3("GET", "/b-1", query=query).body.decode() == (
        f"{HEAD}<List{root}sResult{NAMESPACE}>{one}{two}<IsTruncated>false</IsTruncated>"
        f"</List{root}sResult>"
    )
    assert s3("DELETE", "/b-1", query=f"{query}&id=a").status == 204
    assert error(s3("DELETE", "/b-1", query=f"{query}&id=a")) == absent
    assert error(put(s3, f"{query}&id=a", two))[1] == mismatch
    assert error(put(s3, f"{query}&id=a", "<X/>"))[1] == "MalformedXML"


@pytest.mark.parametrize(
    ("known", "unknown", "code"),
    [
        ("arn:aws:s3:::b-1", "b-1", "InvalidS3DestinationBucket"),
        ("CSV", "TXT", "MalformedXML"),
        ("Daily", "Hourly", "MalformedXML"),
        ("All", "None", "MalformedXML"),
        ("Size", "Weight", "MalformedXML"),
    ],
)
def test_inventories_that_cannot_be(s3, known, unknown, code):
    """Recorded on AWS: where the inventory goes, when, and what it shows is checked."""
    inventory = INVENTORY.replace(known, unknown)
    document = f"<InventoryConfiguration><Id>a</Id>{inventory}</InventoryConfiguration>"

    assert error(put(s3, "inventory&id=a", document))[:2] == (400, code)
