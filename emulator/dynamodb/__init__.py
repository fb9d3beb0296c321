"""DynamoDB: items over SQLite, tables by moto, behind one WSGI callable.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/
"""

from emulator.dynamodb.service import DynamoDBService, drop_table

__all__ = ["DynamoDBService", "drop_table"]
