"""What lies on disk: bars, tables and models with their manifests, written whole or not at all."""
