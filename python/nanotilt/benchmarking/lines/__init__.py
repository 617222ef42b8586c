"""What `nanotilt bench` times, a module for each group of lines."""
