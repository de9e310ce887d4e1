"""Keys and sealed frames: bytes in, bytes out."""
