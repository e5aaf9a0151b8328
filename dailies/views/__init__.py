"""Pages on which people look and decide."""
