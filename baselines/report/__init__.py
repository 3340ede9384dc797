"""The published systems on PrivateTest, run on purpose; see baselines/report/dvc.yaml."""
