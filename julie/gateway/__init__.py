"""The venue's client: what is said on the wire, who may say it how often, and what came back."""
