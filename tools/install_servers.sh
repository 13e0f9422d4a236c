# Says nothing when the servers that tests/e2e need are there, and installs them from Debian where it may.
#
# Where it cannot, it says why in one line. That ends well on a machine of one's own, where those tests are then
# skipped, and badly under CI=true, where they never are. Needs apt-get and root. No service is started: the tests
# start what they need on ports and in folders of their own. ROOT is where the machine begins; only tests set it.
set -u
root=${ROOT:-}

cannot() {
	if [ "${CI:-}" = true ]; then
		echo "install_servers: $1" >&2
		exit 1
	fi
	echo "install_servers: $1; the tests that need it will be skipped" >&2
}

missing() {
	[ -e "$root/usr/sbin/nginx" ] || echo nginx
	[ -e "$root/usr/lib/postgresql/17/bin/initdb" ] || echo postgresql-17
	[ -e "$root/usr/lib/postgresql/17/lib/pgaudit.so" ] || echo postgresql-17-pgaudit
}

wanted=$(missing | tr '\n' ' ')
if [ -z "$wanted" ]; then
	exit 0
elif ! command -v apt-get >/dev/null; then
	cannot "there is no apt-get here to install $wanted"
	exit 0
elif [ "$(id -u)" != 0 ]; then
	cannot "installing $wanted needs root: sudo sh tools/install_servers.sh"
	exit 0
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 1' HUP INT TERM
# Debian starts what it installs unless this file says no. One that is there already is somebody's decision.
policy=$root/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	trap 'rm -f "$log" "$policy"' EXIT
	mkdir -p "${policy%/*}"
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
fi

quiet_apt() {
	DEBIAN_FRONTEND=noninteractive timeout 600 apt-get -q -y -o DPkg::Lock::Timeout=120 "$@" >"$log" 2>&1
}

echo "install_servers: installing $wanted"
quiet_apt update || true # what it could not fetch shows below, unless it is known from before
for package in $wanted; do # one by one: an older release has nginx, and no PostgreSQL 17
	quiet_apt install --no-install-recommends "$package" ||
		cannot "$package cannot be installed: $(tail -n 1 "$log")"
done
