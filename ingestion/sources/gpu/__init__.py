"""GPU samples from `nvidia-smi` logs."""
