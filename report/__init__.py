"""PrivateTest, opened on purpose: `dvc repro report/dvc.yaml`. No experiment and no stage of dvc.yaml reads it."""
