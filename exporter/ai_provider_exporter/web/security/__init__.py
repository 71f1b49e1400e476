"""What stands in front of every path: TLS, passwords, limits, as exporter-toolkit's file says."""
