"""What a bucket is configured with, by its owner or by the template: read, checked, kept, shown."""
