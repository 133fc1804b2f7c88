"""Copies of an event store that is open: its file, or where nobody may read that, its tables."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import duckdb

from lib.core.private_files import WINDOWS

_FILE: Final = "import shutil, sys; shutil.copyfile(*sys.argv[1:])"


def copy_open(connection: duckdb.DuckDBPyConnection, existing: Path, path: Path) -> None:
    """Copy the file of an open store while nobody writes to it.

    Raises OSError when the copy can't be written.
    """
    if WINDOWS:  # where the engine lets nobody else read a file that it writes
        copy_tables(connection, path)
        return
    # by another process: closing the file in this one would end the engine's lock on it
    copied = subprocess.run(  # noqa: S603  # our own interpreter and paths
        [sys.executable, "-I", "-c", _FILE, str(existing), str(path)],
        check=False,
        capture_output=True,
    )
    if copied.returncode:
        raise OSError(f"{path.name} can't be written")


def copy_tables(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Copy everything in an open store into a new one, by the engine itself.

    Raises OSError when the copy can't be written.
    """
    cursor = connection.cursor()
    place = str(path).replace("'", "''")
    try:
        ((here,),) = cursor.execute("SELECT current_database()").fetchall()
        cursor.execute(f"ATTACH '{place}' AS copied")
        try:
            cursor.execute(f"""COPY FROM DATABASE "{here.replace('"', '""')}" TO copied""")
        finally:
            cursor.execute("DETACH copied")
    except duckdb.Error as error:
        raise OSError(f"{path.name} can't be written") from error
    finally:
        cursor.close()
