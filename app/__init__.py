"""The program: python -m app photo | video | webcam | web."""
