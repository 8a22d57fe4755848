"""Exchange formats: what other programs write is read into the base, and what it holds is written for them."""
