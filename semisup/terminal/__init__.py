"""What a person reads on the terminal at the end of a command."""
