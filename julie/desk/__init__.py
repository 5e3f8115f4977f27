"""The desk: a state machine without I/O. Bars and fills in, orders and an audit of each decision
out.
"""
