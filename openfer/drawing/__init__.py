"""What is drawn of faces: marks in their picture, charts, one palette for all."""
