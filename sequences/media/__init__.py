"""Pictures and video files: paths in, frozen facts out. No Django, no database."""
