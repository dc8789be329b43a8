"""The study as data: what a study file may say, read and checked; nothing here runs."""
