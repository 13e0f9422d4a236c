#!/bin/sh
# Prints the command of a Python that whosaw runs on (3.11 to 3.13, able to make virtual environments),
# or says what is missing. PYTHON=... in the environment is tried alone.
set -u
test='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
seen=''
for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    if "$candidate" -c "$test" >/dev/null 2>&1; then
        command -v "$candidate"
        exit 0
    fi
    version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    case $version in
        3.11 | 3.12 | 3.13) seen="$seen $candidate (Python $version, but its venv and ensurepip modules are missing)" ;;
        *) seen="$seen $candidate (Python $version)" ;;
    esac
done
echo "whosaw needs Python 3.11, 3.12 or 3.13 with its venv module, and found:${seen:- no Python at all}." >&2
echo "On Debian and Ubuntu: apt-get install python3 python3-venv. Or name one: make PYTHON=/path/to/python3.12" >&2
exit 1
