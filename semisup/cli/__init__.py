"""The command line: a few lines a command. What is heavy is imported on use: help is quick."""

from semisup.cli.commands import app, main

__all__ = ["app", "main"]
