"""The words of the field: frozen values whose constructors hold the rules; no I/O, no clock."""
