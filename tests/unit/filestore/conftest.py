"""Filestore's handlers over moto's S3 and DynamoDB, in this process."""

import json

import boto3
import pytest
from moto import mock_aws

from filestore import handlers

VARIABLES = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "FILES_TABLE": "Files",
    "STORAGE_BUCKET": "filestore-storage",
    "SIGNED_URL_EXPIRATION": "60",
    "STORE_ON_LOAD": "False",
}


class Filestore:
    """Calls the handlers as Lambda does, and looks behind them."""

    def __init__(self):
        self.table = boto3.resource("dynamodb").create_table(
            TableName="Files",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        self.s3 = boto3.client("s3")
        self.s3.create_bucket(
            Bucket="filestore-storage",
            CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
        )

    def call(self, handler, document=None, *, query=None, path_id=None, body=None):
        """Send an API event; give status and decoded answer."""
        event = {
            "body": json.dumps(document) if body is None else body,
            "queryStringParameters": query,
            "pathParameters": path_id and {"id": path_id},
        }
        response = handler(event, None)
        assert response["headers"]["Access-Control-Allow-Origin"] == "*"
        return response["statusCode"], json.loads(response["body"])

    def announce(self, name="a.txt"):
        """Announce a file; give its id."""
        status, answer = self.call(handlers.preprocess, {"name": name})
        assert status == 200
        return answer["id"]

    def put(self, file_id, content=b"abc", media_type="text/plain; charset=utf-8"):
        """Put the object, without the event."""
        self.s3.put_object(
            Bucket="filestore-storage", Key=file_id, Body=content, ContentType=media_type
        )

    def event(self, *keys, at="2026-01-01T00:00:00.000Z"):
        """Send the event of objects that have arrived."""
        records = [{"eventTime": at, "s3": {"object": {"key": key}}} for key in keys]
        return handlers.uploaded({"Records": records}, None)

    def upload(self, name="a.txt"):
        """Announce, put and complete a file; give its id."""
        file_id = self.announce(name)
        self.put(file_id)
        self.event(file_id)
        return file_id

    def item(self, file_id):
        """Read an item."""
        return self.table.get_item(Key={"id": file_id}).get("Item")

    def has_object(self, file_id):
        """Tell whether the object is there."""
        listed = self.s3.list_objects_v2(Bucket="filestore-storage", Prefix=file_id)
        return listed["KeyCount"] == 1


@pytest.fixture
def filestore(monkeypatch):
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    handlers._files.cache_clear()
    with mock_aws():
        yield Filestore()
    handlers._files.cache_clear()
