# helper.bash - what every Bats file starts with
#
# Programs come from $LAM_BIN (make check sets it), else bin/.  Each test has a dataset of
# its own in $LAM_DATA.
bats_require_minimum_version 1.5.0
ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
export LC_ALL=C TZ=UTC PATH=${LAM_BIN:-$ROOT/bin}:$PATH
REAL=${LAM_REAL:-$ROOT/../shared/real}

# Bats notes the place of every command, by a trap that takes as long as a program takes
# to start.  This one, too, notes what the report of a failure names, and little else:
# the line, and if it is in a function that of the test.
note_line() {
	[[ $BASH_COMMAND != bats_* && ${BASH_SOURCE[1]} != "$BATS_ROOT"/* ]] || return 0
	BATS_DEBUG_LAST_STACK_TRACE=("${BASH_LINENO[0]} ${FUNCNAME[1]} ${BASH_SOURCE[1]}")
	if [[ ${FUNCNAME[1]} == "$BATS_TEST_NAME" ]]; then
		LINE_OF_TEST=${BATS_DEBUG_LAST_STACK_TRACE[0]}
	elif [[ ${LINE_OF_TEST-} ]]; then
		BATS_DEBUG_LAST_STACK_TRACE+=("$LINE_OF_TEST")
	fi
}

setup() {
	trap note_line DEBUG
	cd "$BATS_TEST_TMPDIR" || return 1
	export LAM_DATA=$BATS_TEST_TMPDIR/data TMPDIR=$BATS_TEST_TMPDIR
}

# view NAME <SQL: put a view definition into the dataset
view() {
	mkdir -p "$LAM_DATA/views"
	cat >"$LAM_DATA/views/$1.sql"
}

# function NAME <LINES: a function of the dataset
function_file() {
	mkdir -p "$LAM_DATA/functions/$1"
	cat >"$LAM_DATA/functions/$1/function"
}

# await COMMAND...: until it succeeds
await() {
	for _ in $(seq 1000); do
		! "$@" >/dev/null 2>&1 || return 0
		sleep .01
	done
	echo "never: $*"
	return 1
}

# needs_real: skip, visibly, where the real log is not at hand
needs_real() {
	[ -r "$REAL/apache_logs" ] || skip "no real log in $REAL"
}

# sample ROWS [SEED] [BEGIN]: a small app log as CSV, every field type, with
# NULLs, empty strings, quotes, out-of-order and equal times
sample() {
	awk -v n="$1" -v seed="${2:-1}" 'BEGIN {
		srand(seed)
		print "ts,user,status,bytes,latency,note"
		for (i = 0; i < n; i++) {
			t = 1767225600 + int(i / 3) * 7 - int(rand() * 400)
			u = "u" int(rand() * rand() * 20)
			s = (rand() < .8) ? 200 : 404 + int(rand() * 3)
			b = (rand() < .1) ? "" : int(rand() * 5000) - 200
			l = sprintf("%.*f", int(rand() * 4), rand() * 30)
			r = rand()
			if (r < .2) note = ""
			else if (r < .3) note = "\"\""
			else if (r < .5) note = "\"say \"\"" int(rand() * 4) "\"\", ok\""
			else note = "n" int(rand() * 9)
			d = strftime("%Y-%m-%dT%H:%M:%SZ", t, 1)
			print d "," u "," s "," b "," l "," note
		}
	}'
}
