"""A study file drafted from a folder of recordings or a table: what is there, guessed and told."""
