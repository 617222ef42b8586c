"""Projections, images, sinograms and back-projections of plain arrays."""
