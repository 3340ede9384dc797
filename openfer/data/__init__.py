"""Reading FER2013 from a CSV, a compressed CSV or a folder of pictures into arrays, every row checked."""
