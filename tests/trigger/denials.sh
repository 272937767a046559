#!/usr/bin/env bash
# denials.sh [each [WHO]] - the same answers, whatever isolation a machine gives
#
# Every product of tiers denied (cgroup, landlock, ns, net, seccomp, and within cgroup:
# memory, freeze), as root and as an ordinary user: a filter, a batch that fails and is
# tried again, a deadline with daemons, an exhausted memory, a handler of AWS Lambda.
# What is in force must be what was not denied.  "each": each denial once, and all;
# WHO: root or nobody.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${BIN:=bin}"
bin=$(realpath "$BIN")
work=$(mktemp -d /tmp/lam-denials.XXXXXX)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -m 1777 "$work/tmp" "$work/out"
install -m 755 "$bin/lam-trigger" "$work/lam-trigger"
cp -r src/blueprints/lambda-python "$work/lambda"
chmod -R a+rX "$work/lambda"
python=$(python3 -c 'import os, sys; print(os.path.dirname(os.path.realpath(sys.executable)))')
passed=0 failed=0

# one: in $work/out, with LAM_DENY set; says what is wrong
one() {
	local here
	lam() { timeout 60 "$work/lam-trigger" --memory 64M --backoff 1ms "$@"; }
	cd "$work/out" || return 1
	seq 20 >in
	lam --batch 5 -- cat <in >got && cmp -s in got || { echo "a filter"; return 1; }
	lam --batch 5 -- sh -c '[ $LAM_ATTEMPT -gt 1 ] && cat' <in >got && cmp -s in got ||
		{ echo "a second attempt"; return 1; }
	here=$$$RANDOM
	lam --retries 0 --timeout 300ms -- sh -c "(setsid sh -c 'trap \"\" TERM; sleep 7$here' &)
		sleep 7$here" <in >got 2>err
	[ $? -eq 5 ] && grep -q 'timed out' err || { echo "a deadline"; return 1; }
	! cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' | grep -q "[s]leep 7$here" ||
		{ echo "a daemon that lives"; return 1; }
	lam --retries 0 -- sh -c 'x=$(head -c 300000000 /dev/zero | tr "\0" x); echo ${#x}' \
		<in >got 2>err
	[ $? -eq 5 ] && [ ! -s got ] || { echo "more memory than there is"; return 1; }
	lam -v -- true <in 2>err
	local said
	said=+$(sed -n 's/.*Isolation: base+*\([^ ]*\).*/\1/p' err)+
	for tier in ${LAM_DENY//,/ }; do
		case $said in *+$tier+*) echo "$tier is denied, and in force"; return 1 ;; esac
	done
	case $LAM_DENY in *memory* | *cgroup*)
		lam --isolate "require memory,net" -- touch ran <in 2>err
		[ $? -eq 4 ] && [ ! -e ran ] || { echo "require"; return 1; } ;;
	esac
	cd "$work/lambda" && echo '{"name":"Ada"}' | PATH=$python:/usr/bin:/bin \
		lam --env PYTHONDONTWRITEBYTECODE=1 --timeout 20s --runtime lambda -- \
		./bootstrap app.handler >"$work/out/got" 2>"$work/out/err"
	cmp -s "$work/out/got" "$work/lambda/expected" || { echo "a handler"; return 1; }
}

# check WHO DENY
check() {
	local why
	rm -rf "$work"/out/*
	export LAM_DENY=$2 TMPDIR=$work/tmp work python
	if [ "$1" = nobody ]; then
		why=$(setpriv --reuid 65534 --regid 65534 --clear-groups \
			bash -c "$(declare -f one); one")
	else
		why=$(one)
	fi
	if [ $? -eq 0 ] && [ -z "$(ls "$work/tmp")" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok $1, denied: ${2:-nothing}: ${why:-scratch is left}"
		sed 's/^/# /' "$work/out/err" | tail -5
	fi
}

kinds=(cgroup landlock ns net seccomp memory freeze)
who=${2:-root nobody}
[ "$(id -u)" -eq 0 ] || who=root
for w in $who; do
	for ((set = 0; set < 1 << ${#kinds[@]}; set++)); do
		deny= n=0
		for ((i = 0; i < ${#kinds[@]}; i++)); do
			if ((set >> i & 1)); then
				deny=$deny,${kinds[i]}
				n=$((n + 1))
			fi
		done
		# What cgroup denies has memory and freeze in it.
		((set & 1)) && ((set >> 5)) && continue
		[ "${1-}" != each ] || [ $n -le 1 ] || [ "$deny" = ,cgroup,landlock,ns,net,seccomp ] || continue
		check "$w" "${deny#,}" # root: whoever runs this
	done
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
