"""Reports: metrics, drawings of samples, figures, and the HTML page that holds them."""
