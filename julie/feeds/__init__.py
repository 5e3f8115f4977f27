"""Series from outside the exchange: economic news and, where allowed, other markets."""
