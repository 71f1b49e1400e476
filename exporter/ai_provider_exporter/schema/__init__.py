"""Strict base types, YAML with the place of every node, and errors that name file, line and key."""
