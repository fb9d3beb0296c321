"""A process that writes to DynamoDB from four threads until it is killed; prints what was answered.

``python dynamodb_writer.py DIRECTORY RUN``: puts, counted updates, transactions and batches, all
of them named after the run.
"""

import json
import os
import sys
import threading
from pathlib import Path

from dynamodb_calls import FILES, ORDERS, Client, make_service


def acknowledge(kind, name, value=None):
    # One write call: a line is there whole or not at all.
    os.write(1, json.dumps([kind, name, value]).encode() + b"\n")


def put(client, name):
    client("PutItem", TableName="Files", Item={"id": {"S": f"put {name}"}, "n": {"N": "1"}})
    acknowledge("put", name)


def count(client, name):
    thread = name.split()[1]
    answer = client(
        "UpdateItem",
        TableName="Files",
        Key={"id": {"S": f"count {thread}"}},
        UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="UPDATED_NEW",
    )
    acknowledge("count", thread, int(answer["Attributes"]["n"]["N"]))


def pair(client, name):
    parts = [
        {"Put": {"TableName": "Files", "Item": {"id": {"S": f"{side} {name}"}}}}
        for side in ("left", "right")
    ]
    client("TransactWriteItems", TransactItems=parts)
    acknowledge("pair", name)


def batch(client, name):
    puts = [
        {
            "PutRequest": {
                "Item": {
                    "customer": {"S": name},
                    "number": {"N": str(number)},
                    "state": {"S": "open"},
                    "day": {"S": str(number)},
                }
            }
        }
        for number in range(5)
    ]
    client("BatchWriteItem", RequestItems={"Orders": puts})
    acknowledge("batch", name)


def write(client, run, thread):
    for number in range(100_000):
        (put, count, pair, batch)[number % 4](client, f"{run} {thread} {number}")


if __name__ == "__main__":
    service = make_service(Path(sys.argv[1]), FILES, ORDERS)
    service.start()
    for index in range(4):
        threading.Thread(target=write, args=(Client(service), sys.argv[2], index)).start()
