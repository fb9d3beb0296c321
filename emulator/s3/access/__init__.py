"""Who may do what: policies, access control lists, ownership, the public access block."""
