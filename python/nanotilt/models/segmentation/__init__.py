"""Networks that find particles, what they are built of, and their loss."""
