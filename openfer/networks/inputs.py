"""Names of the inputs of the networks, known without Keras."""

IMAGE, DESCRIPTOR = "image", "descriptor"
