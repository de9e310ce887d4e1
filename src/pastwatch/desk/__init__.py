"""The acts of a person: check the authority, log the act, call the stage."""
