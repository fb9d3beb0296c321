#!/bin/sh
# The browser of the browser tests: the machine's Chromium, else the distribution's package.
# Without either, those tests say that they are skipped; in CI that is an error.
set -eu

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then
        exit 0
    fi
done
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "==> Chromium for the browser tests, by apt"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
    exit 0
fi
echo "No Chromium here: the browser tests will be skipped (install it with: sudo apt-get install chromium)"
test -z "${CI:-}"
