"""What is known of the market: causal columns over bars, with one definition for batch and live."""
