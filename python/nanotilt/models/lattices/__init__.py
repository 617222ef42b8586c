"""Networks that tell patches of perfect crystals from such with defects."""
