"""Sealed packs, and the one gate through which plaintext leaves them."""
