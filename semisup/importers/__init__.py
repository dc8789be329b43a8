"""Files of older programs, read without running anything in them."""
