"""The doors of the simulated gateway: REST, two hubs, and the controls of a test, on loopback."""
