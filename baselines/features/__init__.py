"""What those systems see of a face beside its pixels, one file a feature: data/baselines/, rows as in images.npy."""
