"""What outlives the process: bytes in files, metadata in SQLite, and the store over both."""
