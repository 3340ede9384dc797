"""Training of the networks: a loop that resumes to the bit, and what it needs."""
