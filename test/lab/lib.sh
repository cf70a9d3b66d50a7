# SPDX-License-Identifier: Apache-2.0
# What every lab script must agree on: where things live, the names of the nodes and their addresses. Sourced, not run.
# shellcheck shell=bash disable=SC2034

set -eu
lab_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
lab_bin=$lab_root/test/lab
LAB=$(realpath -m "${LAB:-$lab_root/build/lab}")
LAB_CACHE=$(realpath -m "${LAB_CACHE:-$lab_root/build/lab-cache}")
FERRY_NS=${FERRY_NS:-ferry}
export LAB LAB_CACHE FERRY_NS
PATH=$PATH:/usr/sbin:/sbin

# The lab's forest; or another one, FERRY_FOREST=branch: a lab with a prefix, premises and addresses of its own, which has
# the internet (and the service there) of the lab whose prefix is FERRY_INTERNET_OF.
case ${FERRY_FOREST:-corp} in
corp) DOMAIN=corp.example.com NETBIOS=CORP CORP_NET=10.66.0 FIRST_HOST=0 NODES='dc conn svc dev' ;;
branch) DOMAIN=branch.example.org NETBIOS=BRANCH CORP_NET=10.67.0 FIRST_HOST=100 NODES='dc conn dev' ;;
*) echo "FERRY_FOREST: corp or branch" >&2 && exit 1 ;;
esac
REALM=${DOMAIN^^}
BASE_DN=DC=${DOMAIN//./,DC=}

# On-premises segment and internet segment. No node forwards between them (see net).
INET_NET=198.51.100
VPN_NET=10.99.0
DC_IP=$CORP_NET.$((FIRST_HOST + 10))
DC2_IP=$CORP_NET.$((FIRST_HOST + 11))
SVC_IP=$INET_NET.10
INET_DNS=$INET_NET.53

# Inside the DC's mount namespace its directory is always here, so that no Unix socket path gets too long and a DC
# packed in one directory starts in any other.
DC_MOUNT=/run/samba/ferry-dc
DC_CONF=$DC_MOUNT/etc/smb.conf

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

need_root() {
	[ "$(id -u)" = 0 ] || die "needs root (network namespaces)"
}

netns_exists() {
	[ -e "/run/netns/$FERRY_NS-$1" ]
}

# Runs a command in the network namespace of a node only (files stay those of the host).
in_net() {
	local node=$1
	shift
	nsenter "--net=/run/netns/$FERRY_NS-$node" "$@"
}

# Ends the process whose id is in the file, if it is still the one that was started (its start time is kept beside it).
end_by_pid_file() {
	local file=$1 pid started i
	[ -s "$file" ] || return 0
	read -r pid started <"$file" || true
	if [ "$(start_time "$pid")" = "$started" ] && [ -n "$started" ]; then
		kill -TERM "$pid" 2>/dev/null || true
		for i in $(seq 100); do
			[ "$(start_time "$pid")" = "$started" ] || break
			[ "$i" != 80 ] || kill -KILL "$pid" 2>/dev/null || true
			sleep 0.05
		done
	fi
	rm -f "$file"
}

# Field 22 of /proc/PID/stat: tells a process from a later one that got the same id. Empty when there is none.
start_time() {
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
	stat=${stat##*) }
	# shellcheck disable=SC2086
	set -- $stat
	[ "$1" = Z ] || echo "${20}"
}

write_pid_file() {
	echo "$2 $(start_time "$2")" >"$1"
}

# close_tunnels NODE: what wireguard-go(1) opened there; it ends with its interface. True when there was one.
close_tunnels() {
	local name found=1
	netns_exists "$1" || return 1
	# No cut(1) here: test/lab/device has a function of that name.
	for name in $(ip -n "$FERRY_NS-$1" -o link show type tun | awk -F ': ' '{ print $2 }'); do
		ip -n "$FERRY_NS-$1" link del "$name" && found=0
	done
	return $found
}
