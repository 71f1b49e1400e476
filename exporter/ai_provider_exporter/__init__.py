"""Watches the AI providers you depend on: are they up for you, do they admit it, and whose fault is it."""

__version__ = "0.1.0"
