"""Runs whose networks tag x-ray scattering images."""
