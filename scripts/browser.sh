#!/bin/sh
# Chromium for the browser tests, with fonts that can show Chinese.
set -eu
if command -v chromium >/dev/null && [ -n "$(fc-list ':lang=zh' 2>/dev/null | head -n 1)" ]; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing chromium and fonts-noto-cjk ..."
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk fontconfig >/dev/null
else
  echo "The browser tests need Chromium and a Chinese font. On Debian:" >&2
  echo "  sudo apt-get install chromium fonts-noto-cjk" >&2
  exit 1
fi
