"""What looks at a scene: a line of bins (`Detector`), an image (`Camera`)."""
