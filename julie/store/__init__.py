"""What is kept on disk: bars, artifacts with their manifests, records of runs."""
