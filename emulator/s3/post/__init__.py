"""``PostObject``, the upload by a browser's form: the form, its policy, and the operation."""
