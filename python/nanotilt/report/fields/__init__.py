"""What reports show of particle fields: overlays, sizes, scores against dose and size."""
