"""Hand-made descriptors of a face: sparse SIFT as a bag of visual words, and SIFT on a dense grid."""
