"""The JSON API, its description, and `/probe`."""
