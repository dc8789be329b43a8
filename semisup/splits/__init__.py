"""Speaker-disjoint subsets: one file a strategy, diagnostics, and the check for leakage."""
