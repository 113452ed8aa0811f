"""Toy: usage and charges per day."""
