"""What runs leave behind whose networks tag x-ray scattering images."""
