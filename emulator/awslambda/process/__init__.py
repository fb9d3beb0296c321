"""What runs in the processes of the functions; imports nothing of the emulator but itself.

``zygote`` is the parent of every execution environment, ``worker`` is one environment.
"""
