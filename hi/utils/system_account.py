import os
import pwd


def get_account() -> str:
    """The operating system's account. Not what the environment says, which anybody can say."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # as in a container
        return f"uid {os.getuid()}"
