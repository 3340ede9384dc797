"""Pictures in, faces out: reading, detection, alignment, recognition, tracking, saliency."""
