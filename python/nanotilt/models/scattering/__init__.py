"""Networks that say which tags an x-ray scattering image carries."""
