#!/bin/sh
# Installs what is needed (Debian 12 or 13, root or sudo), builds with sanitizers and runs every test.
set -e
cd "$(dirname "$0")/.."
sh tests/install.sh python3 python3-jsonschema python3-openpyxl python3-uno libreoffice-calc libcmocka-dev g++ qpdf poppler-utils openssl dmtx-utils mupdf-tools python3-pypdf python3-pikepdf python3-pdfminer libpdfbox2-java python3-aiosmtpd strace maven default-jre-headless nodejs mount clang-format miller zsh fish pkg-config fonts-liberation
cmake --preset release -DBUILD_TESTING=OFF -DCMAKE_COMPILE_WARNING_AS_ERROR=ON > /dev/null # a user's build lets warnings be
cmake --build --preset release
cmake --preset asan
cmake --build --preset asan
ctest --preset asan
