"""Output on the terminal at the end of a command."""
