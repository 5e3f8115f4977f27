"""Proof that nothing looks ahead: batch against live, cut series, changed futures, other starts."""
