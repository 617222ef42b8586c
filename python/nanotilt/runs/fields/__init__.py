"""Plain data of runs whose networks find particles."""
