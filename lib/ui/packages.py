"""Imported first by the script that every page runs in: see `lib.server.loading`."""

from lib.server.loading import PACKAGES, load

load(*PACKAGES)
