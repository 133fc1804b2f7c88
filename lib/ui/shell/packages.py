"""Imported first by the script that every page runs in: see `lib.app.loading`."""

from lib.app.loading import PACKAGES, load

load(*PACKAGES)
