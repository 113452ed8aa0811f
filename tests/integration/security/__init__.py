"""Attacks from outside, each tried against a running part."""
