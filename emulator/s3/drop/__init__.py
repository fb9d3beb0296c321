"""The drop folder: which files are uploads, when they have changed, and how they become objects."""
