"""How good an integration is, by the rules of the field: which of them it meets, and what shows it."""
