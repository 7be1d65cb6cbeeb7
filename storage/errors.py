"""What can go wrong with our own plumbing; every message is one line that names place and mend."""


class StorageError(Exception):
    """The database can't be used as it is; the message says why and what mends it."""


class CannotWrite(StorageError):
    """The database, or the folder it is to live in, can't be written."""


class MissingDatabase(StorageError):
    """A command that only reads was pointed at a database that doesn't exist yet."""


class FutureDatabase(StorageError):
    """The database was written by a newer Heliograph than this one."""


class OlderDatabase(StorageError):
    """A command that only reads was pointed at a database of an older Heliograph."""


class MissingInput(StorageError):
    """A file that was to be read is not there."""
