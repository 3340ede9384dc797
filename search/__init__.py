"""Search for better params with Optuna: a space in YAML, trials on PublicTest, the best as an experiment of DVC.

    python -m search search/recipe.yaml --hours 2

A trial is a training of a stage with other params: what `job` of the stage's module returns for `stages.train.record`.
search/dvc.yaml trains the network of search/params.yaml; `dvc exp apply` puts in what search/architecture.yaml found.
search/published.yaml is the search that others have published, over Model B of baselines/.
"""
