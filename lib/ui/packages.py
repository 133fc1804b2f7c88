"""Imported first by pages that talk to Box or Kloudless: see `lib.server.loading`."""

from lib.server.loading import PACKAGES, load

load(*PACKAGES)
