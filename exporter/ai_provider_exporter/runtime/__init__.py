"""What runs: schedule, runner, jobs, egress check, reload. One run, one observation."""
