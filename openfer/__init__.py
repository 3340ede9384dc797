"""Facial expression recognition on FER2013: the library behind the pipeline and the program."""
