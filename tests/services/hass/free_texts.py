"""What is a text on purpose."""

# The domains whose entities say whatever they like. A sensor only where neither class nor unit tells what it measures,
# an input_datetime only with date and time both: a moment in a zone that it does not name.
FREE_TEXTS = frozenset({"sensor", "input_text", "text", "input_datetime", "image_processing"})
