"""Expressions of DynamoDB: read from text, checked, then asked about single items.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
``tokens`` → ``parser`` (document paths, placeholders) → ``condition_parser`` or ``update_parser``
→ nodes of ``conditions`` and ``updates``, which know only attribute values.
"""
