"""Particles through the frames of a video."""
