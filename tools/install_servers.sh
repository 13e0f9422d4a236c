# Says nothing when the servers that tests/e2e and tests/servers need are there, and installs them from Debian where it may.
# With the word `wide` as argument: those of `make test-wide`, too.
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
	[ -e "$root/usr/sbin/apache2" ] || echo apache2-bin
	[ -e "$root/usr/lib/postgresql/17/bin/initdb" ] || echo postgresql-17
	[ -e "$root/usr/lib/postgresql/17/lib/pgaudit.so" ] || echo postgresql-17-pgaudit
	[ -e "$root/usr/bin/chromium" ] || echo chromium
	# without it Chromium draws Korean as boxes, and nobody sees whether it fits
	[ -e "$root/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc" ] || echo fonts-noto-cjk
	[ -e "$root/usr/sbin/postfix" ] || echo postfix
	[ -e "$root/usr/bin/java" ] || echo default-jre-headless
	[ "$1" = wide ] || return 0
	[ -e "$root/usr/sbin/lighttpd" ] || echo lighttpd
	[ -e "$root/usr/bin/caddy" ] || echo caddy
	[ -e "$root/usr/sbin/haproxy" ] || echo haproxy
	[ -e "$root/usr/sbin/php-fpm8.4" ] || echo php8.4-fpm
	[ -e "$root/usr/bin/go" ] || echo golang-go
	[ -e "$root/usr/share/gocode/src/github.com/gorilla/handlers" ] || echo golang-github-gorilla-handlers-dev
	[ -e "$root/usr/bin/javac" ] || echo default-jdk-headless
	[ -e "$root/usr/share/java/tomcat10-embed-core.jar" ] || echo libtomcat10-embed-java
	[ -e "$root/usr/share/java/jetty12-server.jar" ] || echo libjetty12-java
	[ -e "$root/usr/share/java/slf4j-api.jar" ] || echo libslf4j-java
	[ -e "$root/usr/bin/puma" ] || echo puma
	[ -e "$root/usr/bin/rackup" ] || echo ruby-rackup
	[ -e "$root/usr/share/doc/ruby-sinatra" ] || echo ruby-sinatra
}

wanted=$(missing "${1:-}" | tr '\n' ' ')
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
