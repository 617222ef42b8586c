"""Pictures of atomic lattices."""
