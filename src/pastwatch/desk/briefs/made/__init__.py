"""The chapters of a brief, one room each: what the case holds of a sort, in sentences that stand."""
