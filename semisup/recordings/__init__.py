"""From files to signals: what there is, whether it can be read, and its samples."""
