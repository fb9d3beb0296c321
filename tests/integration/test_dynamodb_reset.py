"""``emulator reset --table``: on a running emulator, and on a data folder that stopped one."""

import json

import pytest
from running import Emulator, run_command


def template(folder, key):
    """Write a template with one table of that key."""
    properties = {
        "TableName": "Files",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
    }
    table = {"Type": "AWS::DynamoDB::Table", "Properties": properties}
    file = folder / f"{key}.json"
    file.write_text(json.dumps({"Resources": {"Table": table}}))
    return file


def test_table_of_a_running_emulator(emulator):
    """Only the table that is named is emptied."""
    client = emulator.client("dynamodb")
    for name in ("One", "Two"):
        client.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        client.put_item(TableName=name, Item={"id": {"S": "a"}})

    done = emulator.command("reset", "--table", "One")

    assert (done.returncode, done.stdout) == (0, "One is empty\n")
    assert client.scan(TableName="One")["Count"] == 0
    assert client.scan(TableName="Two")["Count"] == 1


def test_unknown_table_of_a_running_emulator(emulator):
    """A table that is not there is said to be missing, in one line with those that are there."""
    done = emulator.command("reset", "--table", "Nothing")

    assert done.returncode == 2
    assert done.stderr.startswith("emulator: there is no table 'Nothing' (there are: ")
    assert done.stderr.count("\n") == 1


def test_changed_key_stops_the_start_until_the_table_is_dropped(tmp_path):
    """The refusal names the command, the command works without an emulator, and only once."""
    first = Emulator(tmp_path, template=template(tmp_path, "id"))
    first.start()
    first.client("dynamodb").put_item(TableName="Files", Item={"id": {"S": "a"}})
    first.kill()
    changed = Emulator(tmp_path, template=template(tmp_path, "name"))

    with pytest.raises(AssertionError, match="emulator reset --table Files"):
        changed.start()
    unknown = run_command("reset", "--table", "Other", "--data-dir", str(tmp_path / "data"))
    done = run_command("reset", "--table", "Files", "--data-dir", str(tmp_path / "data"))

    assert unknown.returncode == 2
    assert "has no table 'Other' (it has: Files)" in unknown.stderr
    assert (done.returncode, done.stdout) == (
        0,
        "Files is dropped; the next start makes it anew\n",
    )
    try:
        changed.start()
        assert changed.client("dynamodb").scan(TableName="Files")["Count"] == 0
    finally:
        changed.stop()


def test_without_emulator_and_folder(tmp_path):
    """A data folder that is not there is not made; nobody answers, and that is said."""
    done = run_command("reset", "--table", "Files", "--data-dir", str(tmp_path / "none"))

    assert done.returncode == 2
    assert "no emulator answers" in done.stderr
    assert not (tmp_path / "none").exists()
