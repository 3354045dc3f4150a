"""What a user can cause: told in one line, with the mend, and never as a traceback."""


class UserError(Exception):
    """Something that the user can mend: the message names the flag, file or value and the mend.

    Raised from Python as it is; a command prints `error: MESSAGE` and ends with `exit_status`.
    """

    exit_status = 1


class UsageError(UserError):
    """A wrong argument, seen before any work began."""

    exit_status = 2
