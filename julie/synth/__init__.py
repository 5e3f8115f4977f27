"""The generator of simulated sessions, labelled as such wherever they show."""
