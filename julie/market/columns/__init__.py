"""Every number about the market: one causal definition each, in one file a family."""
