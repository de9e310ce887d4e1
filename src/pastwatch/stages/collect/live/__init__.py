"""Live sources: each yields what arrives, and is told when what it gave is sealed and durable."""
