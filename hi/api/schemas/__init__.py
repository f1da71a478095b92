"""What the API answers with. Built by hand from our rows, field by field: nothing gets out because a model has it."""
