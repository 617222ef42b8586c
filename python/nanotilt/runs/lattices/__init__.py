"""What runs leave behind that tell perfect patches of a lattice from such with defects."""
