"""The network of transfer/dvc.yaml on PrivateTest, run on purpose; see transfer/report/dvc.yaml."""
