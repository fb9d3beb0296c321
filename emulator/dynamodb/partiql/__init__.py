"""PartiQL: statements read into the conditions, updates and writes that the engine knows.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
"""
