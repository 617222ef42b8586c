"""Backups of training, for loops of one's own."""
