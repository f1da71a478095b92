"""What is worth a line in the log of each process, and not one whenever it is met."""

import logging
from functools import cache


@cache
def info_once(logger: logging.Logger, text: str, *args: str) -> None:
    logger.info(text, *args)
