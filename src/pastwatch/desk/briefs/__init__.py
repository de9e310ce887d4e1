"""What a case says to others: gathered, written, released, corrected, copied and disclosed."""
