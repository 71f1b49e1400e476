"""What people and Prometheus see of the state; it only ever reads it."""
