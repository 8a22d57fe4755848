"""Chinese."""

TERMS: dict[str, str] = {}
