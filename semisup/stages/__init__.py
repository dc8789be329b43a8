"""The stages of a study, in order: one file each, whose `steps` says what there is to make."""
