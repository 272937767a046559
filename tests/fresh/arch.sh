#!/bin/sh
# arch.sh - the same bytes on a big-endian machine: an emulated Debian
#
# The programs are built there, by its own compiler (half an hour), or for it by a
# cross compiler where one is installed (minutes).  A dataset is made on each machine,
# and both machines answer from both: what they print must be equal to the byte.
NAME=check-arch
. "$(dirname "$0")/lib.sh"
ARCH=${ARCH:-s390x}
binfmt=/proc/sys/fs/binfmt_misc
kernel=qemu-$ARCH

emulate() { # have the kernel run programs of $ARCH
	[ -e $binfmt/register ] || mount -t binfmt_misc binfmt_misc $binfmt \
		2>/dev/null || skip "this kernel runs no foreign programs (binfmt_misc)"
	[ ! -e "$binfmt/$kernel" ] || return 0
	rule=/usr/lib/binfmt.d/$kernel.conf
	[ -r "$rule" ] || skip "$rule is not here: apt-get install qemu-user-static"
	grep '^:' "$rule" >$binfmt/register ||
		skip "the kernel takes no rule for $ARCH"
	ours=yes
}

leave() {
	[ -z "$ours" ] || echo -1 >"$binfmt/$kernel"
	rm -rf "$there/root/try" "$try"
}

# here COMMAND, there COMMAND: with the programs of this machine, of the other
here() {
	PATH=${LAM_BIN:-$PWD/bin}:$PATH LC_ALL=C sh -c "cd '$try' && fresh='$PWD/tests/fresh' && $1"
}

there() {
	inside "$there" "cd /root/try && fresh=/root/lam/tests/fresh &&
		PATH=/root/lam/bin:\$PATH && $1"
}

prepare
need "qemu-$ARCH-static" qemu-user-static
ours='' there=$FRESH/$SUITE-$ARCH try=$FRESH/try
trap leave EXIT
emulate
base "$there" --arch="$ARCH"
inside "$there" "command -v cc >/dev/null || { export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq && apt-get install -y -qq --no-install-recommends \
	gcc libc6-dev zlib1g-dev libdeflate-dev libcsv-dev libxxhash-dev libpcre2-dev \
	libyaml-dev libmaxminddb-dev; }" \
	>"$FRESH/arch-install.log" 2>&1
rm -rf "$there/root/try" "$try"
[ -d "$there/root/lam/.git" ] || git init -q "$there/root/lam"
git -C "$there/root/lam" fetch -q "$PWD" HEAD
git -C "$there/root/lam" reset -q --hard FETCH_HEAD
cross=$ARCH-linux-gnu-gcc
if command -v "$cross" >/dev/null 2>&1; then
	how="built for it by $cross"
	make -s -C "$there/root/lam" -j"$(nproc)" CC="$cross --sysroot=$there" all \
		>"$FRESH/arch-build.log" 2>&1
else
	how="built there"
	inside "$there" "cd /root/lam && make -s -j$(nproc) all" \
		>"$FRESH/arch-build.log" 2>&1
fi
[ -n "${LAM_BIN:-}" ] || make -s all >/dev/null

# What both read.
mkdir -p "$try/in" "$there/root/try"
for i in 1 2 3; do
	awk -v n=$((i == 1 ? 70000 : 9000)) -v seed=$i -f tests/fresh/input.awk \
		>"$try/in/$i.csv"
done
awk -F, 'NR > 1 && NR < 5000 { printf "10.0.%d.%d - - [%02d/Jan/2026:%02d:00:00 +0000] " \
	"\"GET /%s HTTP/1.1\" %s %d \"-\" \"agent\"\n", NR % 7, NR % 250, 1 + NR % 28,
	NR % 24, $2, $3, NR * 7 }' "$try/in/1.csv" >"$try/in/web.log"
cp tests/fresh/*.sql "$try/in"
cp -a "$try/in" "$there/root/try"

here 'sh "$fresh/make.sh" data.here in && cp -a data.here data.copy'
there 'sh $fresh/make.sh data.there in && cp -a data.there data.copy'
mv "$try/data.copy" "$there/root/try/data.here"
mv "$there/root/try/data.copy" "$try/data.there"
for d in here there; do
	here "sh \"\$fresh/answers.sh\" data.$d in $d.by-this"
	there "sh \$fresh/answers.sh data.$d in $d.by-other"
	mv "$there/root/try/$d.by-other" "$try"
done
status=0
said=equal
for d in here there; do
	diff -rq "$try/$d.by-this" "$try/$d.by-other" || status=1 said=DIFFERENT
done
# What no identity is in is equal across the datasets, too.
for f in traffic.csv app.rows web.rows adhoc.partial adhoc windows merged; do
	cmp "$try/here.by-this/$f" "$try/there.by-other/$f" || status=1 said=DIFFERENT
done
bytes=$(cat "$try"/*.by-this/* | wc -c)
record "$ARCH and $(uname -m): $how;" \
	"$(find "$try" -path '*by-this/*' | wc -l) answers of two datasets, $bytes bytes: $said"
exit $status
