"""Julie: an automated trading system for CME micro and mini futures."""

__version__ = "0.1.0"
