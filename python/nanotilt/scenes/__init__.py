"""What is looked at: particles with outlines, holes and spirals, and polygons."""
