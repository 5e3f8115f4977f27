"""The judges: one a file, asked in a fixed order about every candidate."""
