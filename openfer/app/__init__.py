"""The program: openfer photo | video | webcam | web."""

import os

# What OpenCV and its FFmpeg say of a damaged file would stand beside our own line; both look here when they are loaded.
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
