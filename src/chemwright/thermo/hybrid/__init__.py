"""The hybrid activity model: UNIFAC plus a learned excess Gibbs energy, and its sharpening by a user's own points."""
