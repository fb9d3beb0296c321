"""Who sends a request, decided before a byte of its body is taken: signatures of four kinds."""
