# Installs what the applications of tests/servers are written with: Python packages into .build/servers/venv, and Node packages
# into .build/servers/node_modules, both by name and version from tests/servers/python.txt and node.txt. Needs no root.
#
# Where it cannot, it says why in one line. That ends well on a machine of one's own, where those tests are then
# skipped, and badly under CI=true, where they never are.
set -u
home=.build/servers
lists=tests/servers

cannot() {
	if [ "${CI:-}" = true ]; then
		echo "install_apps: $1" >&2
		exit 1
	fi
	echo "install_apps: $1; the tests that need it will be skipped" >&2
}

mkdir -p "$home"
if ! cmp -s "$lists/python.txt" "$home/python.txt"; then
	echo "install_apps: installing the Python packages of $lists/python.txt"
	rm -rf "$home/venv" "$home/python.txt"
	if python=$(sh tools/find_python.sh) && "$python" -m venv "$home/venv" &&
		"$home/venv/bin/python" -m pip install --quiet --no-deps --requirement "$lists/python.txt" >"$home/python.log" 2>&1; then
		cp "$lists/python.txt" "$home/python.txt"
	else
		cannot "Python packages cannot be installed: $(tail -n 1 "$home/python.log" 2>/dev/null)"
	fi
fi
if ! cmp -s "$lists/node.txt" "$home/node.txt"; then
	echo "install_apps: installing the Node packages of $lists/node.txt"
	rm -rf "$home/node_modules" "$home/node.txt"
	if ! command -v npm >/dev/null; then
		cannot "there is no npm here to install the Node packages"
	# shellcheck disable=SC2046
	elif npm install --prefix "$home" --no-save --no-package-lock --no-audit --no-fund --silent $(cat "$lists/node.txt") >"$home/node.log" 2>&1; then
		cp "$lists/node.txt" "$home/node.txt"
	else
		cannot "Node packages cannot be installed: $(tail -n 1 "$home/node.log")"
	fi
fi
