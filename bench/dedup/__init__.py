"""Whether signals of one fault become one case: a simulated week with ground truth."""
