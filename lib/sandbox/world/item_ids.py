"""Ids of folders and files: their numbers, scrambled, so that any id leads back to its item.

A folder has an index, a file a code (folder index, day, number that day). Nothing here knows
whether an item is there.
"""

from datetime import date

from lib.sandbox.world.mixing import Scramble, salt

ROOT_ID = "0"
_DAY_ZERO = date(2000, 1, 1).toordinal()
_NUMBER_BITS, _DAY_BITS, _FOLDER_BITS = 10, 15, 18
_FILE_ID_BASE = 1_000_000_000_000
_FOLDER_ID_BASE = 100_000_000_000
_VERSION_OFFSET = 83_000_000_000
MOST_A_DAY = (1 << _NUMBER_BITS) - 1


class ItemIds:
    """The ids of one world."""

    def __init__(self, seed: int) -> None:
        self._folder_ids = Scramble(salt(seed, "folder ids"), _FOLDER_BITS + 16)
        self._file_ids = Scramble(salt(seed, "file ids"), _NUMBER_BITS + _DAY_BITS + _FOLDER_BITS)

    @staticmethod
    def code(index: int, ordinal: int, number: int) -> int:
        """The code of a file: folder, day, number of that day."""
        return (((index << _DAY_BITS) | (ordinal - _DAY_ZERO)) << _NUMBER_BITS) | number

    @staticmethod
    def decode(code: int) -> tuple[int, int, int]:
        """Folder index, day and number of a file's code."""
        rest, number = divmod(code, 1 << _NUMBER_BITS)
        index, day = divmod(rest, 1 << _DAY_BITS)
        return index, day + _DAY_ZERO, number

    def folder(self, index: int) -> str:
        """The id of a folder; the root is "0"."""
        return ROOT_ID if index == 0 else str(_FOLDER_ID_BASE + self._folder_ids.forward(index))

    def file(self, code: int) -> str:
        """The id of a file."""
        return str(_FILE_ID_BASE + self._file_ids.forward(code))

    def version(self, code: int) -> str:
        """The id of a file's current version."""
        return str(_FILE_ID_BASE + _VERSION_OFFSET + self._file_ids.forward(code))

    def folder_index(self, folder_id: str) -> int | None:
        """The index of the folder with an id, whether or not it exists yet."""
        if folder_id == ROOT_ID:
            return 0
        if not folder_id.isascii() or not folder_id.isdigit() or len(folder_id) > 16:  # noqa: PLR2004
            return None
        value = int(folder_id) - _FOLDER_ID_BASE
        if not 0 <= value < 1 << (_FOLDER_BITS + 16):
            return None
        index = self._folder_ids.back(value)
        return index if 0 < index < 1 << _FOLDER_BITS else None

    def file_code(self, file_id: str) -> int | None:
        """The code of the file with an id, whether or not it exists yet."""
        if not file_id.isascii() or not file_id.isdigit() or len(file_id) > 16:  # noqa: PLR2004
            return None
        value = int(file_id) - _FILE_ID_BASE
        if not 0 <= value < 1 << (_NUMBER_BITS + _DAY_BITS + _FOLDER_BITS):
            return None
        return self._file_ids.back(value)
