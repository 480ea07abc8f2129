"""Arguments and printing; the only place that exits."""
