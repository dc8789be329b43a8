"""Systems that are no pair of classifier and representation, but one whole, known by its name."""

#: What stands for the classifier of such a system, whose name stands for the representation.
WHOLE = "whole_pipeline"
