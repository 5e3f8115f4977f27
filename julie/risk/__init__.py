"""What a trade may cost: brackets, viability, size, the pre-trade gate and the approval."""
