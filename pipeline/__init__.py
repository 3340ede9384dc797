"""What ties the library to DVC and MLflow: parameters, paths, tracking."""
