"""`make bench`: each figure a ratio against its yardstick in the same run."""
