"""The program: openfer photo | video | webcam | web."""

import os

# What OpenCV and its FFmpeg say of a damaged file would stand beside our own line; both look here when they are loaded.
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

# gradio counts its users at a server of its maker unless it is told not to before it is imported.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
