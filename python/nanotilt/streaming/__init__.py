"""Streams of batches: for tf.data from the TensorFlow op, and as NumPy arrays for any backend."""
