#!/bin/sh
# Installs the named Debian packages whose program of the same name is missing, when it may.
# Where it may not, it says so and ends well: the tests that need them say NOT RUN.
set -eu
missing=""
for name in "$@"; do
  command -v "$name" >/dev/null 2>&1 || missing="$missing $name"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "Some tests won't be run. Please install:$missing (no apt-get here)" >&2
  exit 0
fi
if [ "$(id -u)" = 0 ]; then
  as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  as_root="sudo -n"
else
  echo "Some tests won't be run. Please run: sudo apt-get install$missing" >&2
  exit 0
fi
$as_root apt-get update -q
# shellcheck disable=SC2086  # a list of package names
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -q -y --no-install-recommends $missing fonts-dejavu-core fonts-noto-color-emoji
