"""The trace of ``emulator trace``: what happened of late, what led to what, why it was refused.

``trace`` keeps the records, ``ids`` reads and makes ``X-Amzn-Trace-Id``, ``requests`` turns a
request to a service into a step, ``page`` is what the control API gives.
"""
