"""The pytest side of the protocol."""
