"""Pictures of x-ray scattering."""
