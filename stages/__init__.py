"""The stages of the pipeline, one file a kind; dvc.yaml says what each reads and writes."""
