"""The operations of DynamoDB: each takes the engine and a request's body, and gives the answer's.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html
A request is read and checked before it takes the writer's lock; its table is looked up inside.
"""
