"""Who did what: an append-only, signed, provable log of every act."""
