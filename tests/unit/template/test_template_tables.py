"""Tables of a template: every documented property does something, or is named.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-simpletable.html
"""

import json

import pytest
from unit.template.template_folder import SAM

from emulator.application import KeySchema, SecondaryIndex, Table
from emulator.errors import TemplateError

KEYS = {
    "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "day", "AttributeType": "N"},
    ],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}
BY_DAY = {
    "IndexName": "by_day",
    "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]},
}


def load(folder, kind, **properties):
    resource = {"Type": kind, "Properties": properties}
    return folder.load(json.dumps({"Resources": {"Files": resource}}))


def notes(application):
    return {(note.level, note.place.rpartition(".")[2]) for note in application.support_notes}


def test_table(folder):
    """A table is read with all that DynamoDB makes of it."""
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": "2"}

    [table] = load(
        folder,
        "AWS::DynamoDB::Table",
        **KEYS,
        TableName="Named",
        ProvisionedThroughput=units,
        GlobalSecondaryIndexes=[BY_DAY | {"ProvisionedThroughput": units}],
        StreamSpecification={"StreamViewType": "KEYS_ONLY"},
        TimeToLiveSpecification={"AttributeName": "until", "Enabled": True},
        DeletionProtectionEnabled=True,
        Tags=[{"Key": "team", "Value": "files"}],
    ).tables

    assert table == Table(
        logical_id="Files",
        name="Named",
        attributes=(("id", "S"), ("day", "N")),
        key_schema=KeySchema(partition_key="id"),
        global_indexes=(
            SecondaryIndex(
                name="by_day",
                key_schema=KeySchema(partition_key="day"),
                projection_type="INCLUDE",
                non_key_attributes=("total",),
                read_capacity_units=5,
                write_capacity_units=2,
            ),
        ),
        billing_mode="PROVISIONED",
        read_capacity_units=5,
        write_capacity_units=2,
        stream_view_type="KEYS_ONLY",
        ttl_attribute="until",
        deletion_protection=True,
        tags=(("team", "files"),),
    )


def test_index_with_several_key_attributes(folder):
    """A global index may have up to four partition keys and up to four sort keys."""
    index = {
        "IndexName": "multi",
        "KeySchema": [
            {"AttributeName": name, "KeyType": kind}
            for name, kind in (("day", "HASH"), ("id", "HASH"), ("a", "RANGE"), ("b", "RANGE"))
        ],
        "Projection": {"ProjectionType": "ALL"},
    }
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "day", "a", "b")]

    [table] = load(
        folder,
        "AWS::DynamoDB::Table",
        KeySchema=KEYS["KeySchema"],
        AttributeDefinitions=attributes,
        GlobalSecondaryIndexes=[index],
        BillingMode="PAY_PER_REQUEST",
    ).tables

    assert table.global_indexes[0].key_schema == KeySchema(
        partition_key="day", sort_key="a", more_partition_keys=("id",), more_sort_keys=("b",)
    )


def test_properties_that_do_nothing_are_named(folder):
    """What decides costs is ignored, what would do something else is unsupported."""
    application = load(
        folder,
        "AWS::DynamoDB::Table",
        **KEYS,
        GlobalSecondaryIndexes=[BY_DAY],
        BillingMode="PAY_PER_REQUEST",
        TableClass="STANDARD",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        ImportSourceSpecification={},
        ResourcePolicy={},
        KinesisStreamSpecification={},
        VectorIndexes=[],
    )

    assert notes(application) == {
        ("ignored", "TableClass"),
        ("ignored", "PointInTimeRecoverySpecification"),
        ("unsupported", "ImportSourceSpecification"),
        ("unsupported", "KinesisStreamSpecification"),
        ("unsupported", "ResourcePolicy"),
        ("unsupported", "VectorIndexes"),
    }


def test_global_table(folder):
    """Of a global table the first replica is kept here; the others are named."""
    application = load(
        folder,
        "AWS::DynamoDB::GlobalTable",
        **KEYS,
        GlobalSecondaryIndexes=[BY_DAY],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamViewType": "NEW_IMAGE"},
        Replicas=[
            {"Region": "eu-west-1", "DeletionProtectionEnabled": True, "Tags": []},
            {"Region": "us-east-1"},
        ],
    )

    [table] = application.tables
    assert table.name == "Files"
    assert table.stream_view_type == "NEW_IMAGE"
    assert table.deletion_protection
    assert [note.reason for note in application.support_notes] == [
        "the replica in us-east-1: there is one region here"
    ]


@pytest.mark.parametrize(
    ("properties", "table"),
    [
        ("", ("id", "S")),
        ("{PrimaryKey: {Name: number, Type: Number}, TableName: Simple}", ("number", "N")),
    ],
)
def test_simple_table(folder, properties, table):
    """SAM's simple table has one key, ``id`` unless it says otherwise."""
    resource = "Resources: {Files: {Type: AWS::Serverless::SimpleTable, Properties: %s}}"

    application = folder.load(SAM + resource % (properties or "{}"))

    assert application.tables[0].attributes == (table,)
    assert application.tables[0].billing_mode == "PAY_PER_REQUEST"


def test_stream_of_a_template(folder):
    """``GetAtt StreamArn`` names the stream that the table has."""
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Files", "StreamArn"]}}}
    resource = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "AttributeDefinitions": KEYS["AttributeDefinitions"][:1],
            "KeySchema": KEYS["KeySchema"],
            "BillingMode": "PAY_PER_REQUEST",
        },
    }

    application = folder.load(json.dumps({"Resources": {"Files": resource}, "Outputs": outputs}))

    assert application.outputs[0].value == (
        "arn:aws:dynamodb:eu-west-1:123456789012:table/Files/stream/2024-01-01T00:00:00.000"
    )


def test_capacity_is_needed(folder):
    """A provisioned table without capacity is refused, as a deployment would be."""
    with pytest.raises(TemplateError, match="must both be specified when BillingMode is PROV"):
        load(folder, "AWS::DynamoDB::Table", **KEYS, GlobalSecondaryIndexes=[BY_DAY])
