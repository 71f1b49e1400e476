"""Pure values: observations, reasons, state, agreement. No clock, no I/O."""
