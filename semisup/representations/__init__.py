"""Representations: one file a kind; see `_inputs` for what each is given and must give back."""
