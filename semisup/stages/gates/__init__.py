"""The gates of `semisup check`: what a later stage would refuse, known before it runs.

A module is a gate. In: the study, and where it needs them the recordings and the split as it was
tried. Out: problems, a sentence each, with a proposal where there is one. `preflight` lists them.
"""
