"""Amazon Resource Names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.arns import Arn, bucket_arn, function_arn, parse_arn, rule_arn, table_arn
from emulator.errors import ServiceError

field = st.text(st.characters(exclude_characters=":"))
arns = st.builds(
    Arn,
    partition=field,
    service=field,
    region=field,
    account_id=field,
    resource=st.text(min_size=1),
)


@given(arns)
def test_an_arn_that_is_written_can_be_read(arn):
    """Every field comes back, the colons of the resource included."""
    assert parse_arn(str(arn)) == arn


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        (
            function_arn("eu-west-1", "123456789012", "Expire"),
            "arn:aws:lambda:eu-west-1:123456789012:function:Expire",
        ),
        (
            rule_arn("eu-west-1", "123456789012", "Rule"),
            "arn:aws:events:eu-west-1:123456789012:rule/Rule",
        ),
        (bucket_arn("uploads"), "arn:aws:s3:::uploads"),
        (
            table_arn("eu-west-1", "123456789012", "Files"),
            "arn:aws:dynamodb:eu-west-1:123456789012:table/Files",
        ),
    ],
)
def test_each_resource_is_named_as_on_aws(arn, expected):
    """https://docs.aws.amazon.com/service-authorization/latest/reference/"""  # noqa: D415 -- the source
    assert arn == expected


@pytest.mark.parametrize(
    "text",
    ["", "uploads", "arn:aws:s3", "arn:aws:s3:::", "urn:aws:s3:::uploads", "arn:aws:s3::uploads"],
)
def test_other_text_is_refused_in_the_words_of_s3(text):
    """What has not six fields, or no resource, is no ARN."""
    with pytest.raises(ServiceError) as refusal:
        parse_arn(text)

    assert (refusal.value.code, refusal.value.message, refusal.value.status) == (
        "InvalidArgument",
        "The ARN could not be parsed",
        400,
    )
