"""PC-SAFT."""
