"""A drawn data set in FER2013's format, so that the whole pipeline runs without the original."""
