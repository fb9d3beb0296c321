"""A process that writes to DynamoDB from four threads until it is killed; prints what was answered.

``python dynamodb_writer.py DIRECTORY``
"""

import json
import os
import sys
import threading
from pathlib import Path

from dynamodb_calls import FILES, ORDERS, Client, make_service


def write(client, thread):
    for number in range(100_000):
        if number % 3:
            name = f"{thread}-{number}"
            client("PutItem", TableName="Files", Item={"id": {"S": name}, "n": {"N": "1"}})
            # One write call: a line is there whole or not at all.
            os.write(1, json.dumps([thread, number]).encode() + b"\n")
        else:
            pair = [
                {"Put": {"TableName": "Files", "Item": {"id": {"S": f"{side} {thread} {number}"}}}}
                for side in ("left", "right")
            ]
            client("TransactWriteItems", TransactItems=pair)


if __name__ == "__main__":
    service = make_service(Path(sys.argv[1]), FILES, ORDERS)
    service.start()
    for index in range(4):
        threading.Thread(target=write, args=(Client(service), index)).start()
