# Installs what the applications of tests/servers are written with: Python packages into .build/servers/venv, and Node packages
# into .build/servers/node_modules, both by name and version from tests/servers/*.txt. With the word `wide` as argument: those
# of `make test-wide`, too. Needs no root. Says nothing when all is there.
#
# Where it cannot, it says why in one line. That ends well on a machine of one's own, where those tests are then
# skipped, and badly under CI=true, where they never are.
set -u
home=.build/servers
lists=tests/servers
widths=
[ "${1:-}" = wide ] && widths=-wide

cannot() {
	if [ "${CI:-}" = true ]; then
		echo "install_apps: $1" >&2
		exit 1
	fi
	echo "install_apps: $1; the tests that need it will be skipped" >&2
}

# what was installed lies beside it as a copy of its list
there() {
	for width in "" $widths; do
		cmp -s "$lists/$1$width.txt" "$home/$1$width.txt" || return 1
	done
}

keep() {
	for width in "" $widths; do
		cp "$lists/$1$width.txt" "$home/$1$width.txt"
	done
}

of_python() {
	python=$(sh tools/find_python.sh) && "$python" -m venv "$home/venv" || return 1
	for width in "" $widths; do
		"$home/venv/bin/python" -m pip install --quiet --no-deps --requirement "$lists/python$width.txt" || return 1
	done
}

of_node() {
	packages=$(for width in "" $widths; do cat "$lists/node$width.txt"; done)
	# shellcheck disable=SC2086 # one word a package
	npm install --prefix "$home" --no-save --no-package-lock --no-audit --no-fund --silent $packages
}

mkdir -p "$home"
for kind in python node; do
	there $kind && continue
	echo "install_apps: installing packages of $kind"
	rm -rf "$home/$kind.txt" "$home/$kind-wide.txt"
	if [ $kind = node ] && ! command -v npm >/dev/null; then
		cannot "there is no npm here to install packages of node"
	elif of_$kind >"$home/$kind.log" 2>&1; then
		keep $kind
	else
		cannot "packages of $kind cannot be installed: $(tail -n 1 "$home/$kind.log")"
	fi
done
