"""Ways to train networks that tell orientations, with and without labels; runs that can be resumed.

Importing this package does not load TensorFlow.
"""
