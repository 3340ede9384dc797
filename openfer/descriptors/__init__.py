"""Hand-made descriptors of a face: sparse SIFT as a bag of visual words, and SIFT on a dense grid.

Beside these, which the models here use, there is what other published systems use: landmarks, HOG, plainer SIFT.
"""
