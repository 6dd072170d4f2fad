"""Training of the detectors; needs PyTorch, which running them does not."""
