"""SQLite and back: the only SQL of the project."""
