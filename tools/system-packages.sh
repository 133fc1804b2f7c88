#!/bin/sh
# Installs the named Debian packages whose program of the same name is missing, when it may.
# "better/other" asks for the first and is content with the second.
# Where it may not, it says so and ends well: the tests that need them say NOT RUN.
set -eu

exists() { command -v "$1" >/dev/null 2>&1; }

wanted=""  # what would be installed
missing="" # what isn't there in any form
for names in "$@"; do
  best=${names%%/*}
  exists "$best" && continue
  wanted="$wanted $best"
  exists "${names##*/}" || missing="$missing $best"
done
[ -n "$wanted" ] || exit 0

as_root=""
if ! exists apt-get; then
  can="no apt-get here"
elif [ "$(id -u)" = 0 ]; then
  can=""
elif exists sudo && sudo -n true 2>/dev/null; then
  can=""
  as_root="sudo -n"
else
  can="not without a password"
fi
if [ -n "$can" ]; then
  [ -z "$missing" ] || echo "Some tests won't be run. Please install:$missing ($can)" >&2
  exit 0
fi

# Each by itself: what one Debian doesn't have keeps no other from being installed.
$as_root apt-get update -q || true
for name in $wanted fonts-dejavu-core fonts-noto-color-emoji; do
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -q -y --no-install-recommends "$name" ||
    echo "$name could not be installed" >&2
done
for names in "$@"; do
  exists "${names%%/*}" || exists "${names##*/}" ||
    echo "Some tests won't be run: there is no ${names%%/*}" >&2
done
