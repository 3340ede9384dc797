"""A Keras network over a data set: test-time augmentation, the table of probabilities."""
