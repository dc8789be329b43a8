"""The learning-curve experiment: plan, cells, fits and the gathering of scores."""
