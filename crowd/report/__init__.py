"""The networks of the crowd on PrivateTest, run on purpose; see crowd/report/dvc.yaml."""
