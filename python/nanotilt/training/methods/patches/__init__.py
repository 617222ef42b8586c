"""Runs whose networks learn perfect patches of lattices alone."""
