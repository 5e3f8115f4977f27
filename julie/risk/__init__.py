"""What a trade may risk: brackets, viability, size, account arithmetic, the pre-trade gate and its
approval.
"""
