"""Chinese."""

TEMPLATES: dict[str, str] = {}
