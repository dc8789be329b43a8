"""Figures of a study: numbers first (a table), then a function that draws them on an Axes."""
