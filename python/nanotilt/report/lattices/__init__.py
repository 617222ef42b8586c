"""Figures and pages of runs that tell perfect patches of a lattice from such with defects."""
