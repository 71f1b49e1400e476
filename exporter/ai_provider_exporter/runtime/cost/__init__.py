"""What probing may cost: the plan before, the budget while it runs."""
