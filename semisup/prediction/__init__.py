"""One's own files, predicted by a finished study."""
