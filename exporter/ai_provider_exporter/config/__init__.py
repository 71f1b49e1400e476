"""The configuration file and the environment, read into frozen, strict settings."""
