"""Pictures of atomic lattices, and pages of runs that tell perfect patches from defects."""
