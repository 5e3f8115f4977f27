"""The simulated gateway: the venue's REST routes and hubs on loopback, with an exchange behind
them; always a process of its own.
"""
