"""Trained networks for prediction without Keras: ONNX, the model folder, its card, the MLflow model."""
