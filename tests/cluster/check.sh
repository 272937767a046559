#!/bin/bash
# check.sh - lam-cluster on real engines, each result compared with one machine's
#
#	make cluster-check
#
# Jars and pyspark are fetched once into build/cluster.  Everything then runs in a
# network namespace that has only a loopback, and two more namespaces behind it that
# are hosts for ssh.  What ran, how it was disturbed and how long it took goes to
# results/DATE.md.  STEPS="local ssh slurm mapreduce yarn failing killed segments told spark
# spark-killed" chooses
set -uo pipefail
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
HERE=$ROOT/tests/cluster
B=$ROOT/build/cluster
STEPS=${STEPS:-local ssh slurm mapreduce yarn failing killed segments told spark spark-killed}
export LC_ALL=C TZ=UTC

skip() { echo "cluster-check: skipped: $*" && exit 0; }

if [ "${1:-}" != inside ]; then
	[ "$(id -u)" = 0 ] || skip 'making network namespaces needs root'
	for c in java mvn unshare ip nsenter; do
		command -v $c >/dev/null || skip "no $c here"
	done
	mkdir -p "$B"
	[ -e "$B/jars/.whole" ] || {
		mvn -B -ntp -q -f "$HERE/pom.xml" dependency:copy-dependencies \
			-DincludeScope=runtime -DoutputDirectory="$B/jars" >"$B/mvn.log" 2>&1 &&
			touch "$B/jars/.whole"
	} || skip 'the jars cannot be had'
	[ -x "$B/spark/bin/spark-submit" ] || {
		python3 -m venv "$B/spark" && "$B/spark/bin/pip" install -q pyspark
	} >"$B/pip.log" 2>&1 || rm -rf "$B/spark"
	exec unshare -n -- bash "$0" inside
fi

# ------------------------------------------------------------------------ the ground

ip link set lo up
cd "$B" || exit 1
rm -rf run && mkdir -p run/bin run/logs run/tmp && cd run || exit 1
R=$PWD
export TMPDIR=$R/tmp PATH=$R/bin:$ROOT/bin:$PATH LAM_DATA=$R/data
pids=()
finish() {
	# Only what was started here, by its number; it has a while to end.
	for p in "${pids[@]}"; do kill "$p" 2>/dev/null; done
	for p in "${pids[@]}"; do
		for _ in $(seq 50); do kill -0 "$p" 2>/dev/null || break; sleep .1; done
		kill -9 "$p" 2>/dev/null
	done
	for n in 1 2; do ip netns del "lam-host$n" 2>/dev/null; done
}
trap finish EXIT
trap 'exit 1' INT TERM

# until CONDITION: as soon as it holds, at most five minutes
until_true() {
	for _ in $(seq 1500); do eval "$1" && return 0; sleep .2; done
	echo "cluster-check: waited in vain for: $1" >&2
	return 1
}

passed=0 failed=0
mkdir -p "$HERE/results"
OUT=$HERE/results/$(date +%F).md
[ -s "$OUT" ] || {
	echo "# lam-cluster on real engines, $(date +%F)"
	echo
	echo "EQUAL: cmp found every byte the same, header and checksum included, as lam-batch on one machine."
} >"$OUT"
{
	echo
	echo "$(nproc) cores, $(java -version 2>&1 | head -n 1), Hadoop $(echo "$B"/jars/hadoop-common-*.jar |
		sed 's/.*common-\([0-9.]*\)\.jar.*/\1/'), load $(cut -d ' ' -f 1 /proc/loadavg) at the start."
	echo
	echo "| what | result | seconds |"
	echo "|---|---|---|"
} >>"$OUT"

# step NAME WHAT WANT COMMAND...: the output must be the file WANT
step() {
	local name=$1 what=$2 want=$3 t=$SECONDS result
	shift 3
	if "$@" >"got.$name" 2>"logs/$name" && cmp -s "got.$name" "$want"; then
		result=EQUAL passed=$((passed + 1))
	else
		result="**not equal**" failed=$((failed + 1))
		tail -n 3 "logs/$name" >&2
	fi
	echo "$name: $result, $((SECONDS - t)) s: $what"
	echo "| $what | $result | $((SECONDS - t)) |" >>"$OUT"
}
wanted() { case " $STEPS " in *" $1 "*) ;; *) false ;; esac; }

# -------------------------------------------------------------------------- the data

python3 - >all.csv <<'PY'
import random, sys
r = random.Random(20261127)
hosts = [b"web-%02d" % i for i in range(40)] + [b"a", b"a\x01", b"caf\xe9", b'"x,y"', b'"q""t"', b'"c\rr"', b""]
out = []
for i in range(300000):
    out.append(b"2026-01-%02dT%02d:00:00Z,%s,%d,%d,%.*f\n" % (1 + i // 30000, r.randrange(24),
        r.choice(hosts), r.choice((200, 200, 304, 404, 500)), r.randrange(60000),
        r.randrange(4), r.uniform(-5, 900)))
sys.stdout.buffer.write(b"".join(out))
PY
printf 'ts time\nhost text\nstatus number\nbytes number\nlatency number\n' >schema
cat >q.sql <<'SQL'
select date_trunc('hour', ts) as h, host, status, count(*) as n, sum(bytes) as b,
       avg(latency) as a, count(distinct bytes % 50) as d, approx_count_distinct(bytes) as c,
       approx_quantile(latency, 0.9) as p, min(latency) as lo, arg_max(bytes, latency) as m
from stdin where bytes % 7 <> 3 group by h, host, status
SQL
TEXT=(-e @q.sql --fields ts,host,status,bytes,latency --schema schema)
lam-batch -f csv "${TEXT[@]}" all.csv >want.text || exit 1
split -n l/4 all.csv part.
{ echo ts,host,status,bytes,latency && cat all.csv; } |
	lam-ingest -q -f csv -s web --segment-records 65536 || exit 1
mkdir -p data/views
sed 's/from stdin/from web/' q.sql >data/views/traffic.sql
echo 'select status, first(host) as f, last(host) as l, sum(latency) as s from web
group by status' >data/views/ends.sql
lam-batch --as-of 300000 >want.views || exit 1

# Programs that fail: what lam-cluster ships beside itself.  A reducer and a combiner
# have --merge.  "held" waits to be killed.
mkdir failing holding
for d in failing holding; do cp "$ROOT/bin/lam-cluster" $d; done
cat >failing/lam-batch <<SH
#!/bin/bash
real=$ROOT/bin/lam-batch
case \${mapreduce_task_attempt_id:-}:\$* in
*_m_000000_0:*--lines*-e*) \$real "\$@" | head -c 70001; exit 7 ;;
*_m_000001_0:*--lines*-e*) \$real "\$@" | head -c 1000; kill -9 \$\$ ;;
*_m_000002_0:*--lines*-e*) echo rubbish; exit 1 ;;
*_r_000001_0:*--merge*) \$real "\$@" | head -c 30000; exit 9 ;;
esac
exec \$real "\$@"
SH
cat >holding/lam-batch <<SH
#!/bin/bash
real=$ROOT/bin/lam-batch
case \$* in
*--lines*-e* | *--lines*--from*)
	# Let one task of all wait until it is killed.
	case \$* in *--merge*) ;; *)
		if ln -s \$\$ $R/held 2>/dev/null; then \$real "\$@" | head -c 3000; exec sleep 600; fi ;;
	esac ;;
esac
exec \$real "\$@"
SH
chmod +x failing/lam-batch holding/lam-batch

# kill_java: the Java machine above the task that is held, killed
kill_java() {
	local p
	until_true '[ -L held ]' || return 1
	p=$(readlink held)
	while [ "$p" -gt 1 ] && [ "$(cat "/proc/$p/comm")" != java ]; do
		p=$(awk '/^PPid:/ { print $2 }' "/proc/$p/status")
	done
	[ "$p" -gt 1 ] && tr '\0' ' ' <"/proc/$p/cmdline" | grep -o 'YarnChild.*\|CoarseGrained[^ ]*' >&2
	[ "$p" -gt 1 ] && kill -9 "$p" "$(readlink held)"
}

# ------------------------------------------------------------- processes, ssh, slurm

if wanted local; then
	step local-ranges '9 ranges, local processes' want.views lam-cluster --as-of 300000 --splits 9
	step local-text '4 files, local processes' want.text lam-cluster "${TEXT[@]}" part.*
fi

# host N: a network namespace with an sshd
host() {
	ip netns add "lam-host$1" && ip link add "lam$1" type veth peer name eth0 netns "lam-host$1" &&
		ip addr add "10.99.$1.1/24" dev "lam$1" && ip link set "lam$1" up &&
		ip -n "lam-host$1" addr add "10.99.$1.2/24" dev eth0 &&
		ip -n "lam-host$1" link set eth0 up && ip -n "lam-host$1" link set lo up || return 1
	cat >"sshd$1" <<CONF
Port 22
ListenAddress 10.99.$1.2
HostKey $R/hostkey
AuthorizedKeysFile $R/key.pub
PidFile $R/sshd$1.pid
StrictModes no
UsePAM no
MaxStartups 100
ForceCommand $R/command$1
CONF
	nsenter --net="/run/netns/lam-host$1" "$(command -v sshd || echo /usr/sbin/sshd)" \
		-D -e -f "$R/sshd$1" 2>"logs/sshd$1" &
	pids+=($!)
	until_true "grep -q listening logs/sshd$1"
}

hosts_up() {
	mkdir -p /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f key && ssh-keygen -q -t ed25519 -N '' -f hostkey || return 1
	printf 'Host *\nIdentityFile %s/key\nIdentitiesOnly yes\nStrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nLogLevel ERROR\nConnectTimeout 5\nServerAliveInterval 2\nServerAliveCountMax 2\n' \
		"$R" >ssh_config
	for n in 1 2; do
		printf '#!/bin/bash\nexec bash -c "$SSH_ORIGINAL_COMMAND"\n' >command$n
		chmod +x command$n
	done
	host 1 && host 2 &&
		printf '2/ssh -F %s/ssh_config root@10.99.%s.2\n' "$R" 1 "$R" 2 >hosts
}

lose_host() { # the second host goes away while a task is at work on it
	until_true '[ -e lost ]' || return 1
	ip link set lam2 down
	kill "$(cat sshd2.pid)"
}

ssh_lost() {
	local rc=0
	cat >command2 <<-SH
		#!/bin/bash
		case \$SSH_ORIGINAL_COMMAND in
		*task*) case \$SSH_ORIGINAL_COMMAND in *rsync*) ;; *) touch $R/lost; exec sleep 60 ;; esac ;;
		esac
		exec bash -c "\$SSH_ORIGINAL_COMMAND"
	SH
	lose_host &
	lam-cluster --engine ssh --hosts hosts --as-of 300000 --splits 8 || rc=1
	wait $! && [ -e lost ] && return $rc
}

if wanted ssh; then
	if command -v sshd >/dev/null && command -v parallel >/dev/null && command -v rsync >/dev/null && hosts_up; then
		step ssh 'ssh, two namespaces as hosts, 8 ranges' want.views \
			lam-cluster --engine ssh --hosts hosts --as-of 300000 --splits 8
		step ssh-lost 'ssh, the second host lost while its tasks ran' want.views ssh_lost
	else
		echo '| ssh | not run: needs sshd, rsync and GNU parallel | |' | tee -a "$OUT"
	fi
fi

slurm_up() {
	mkdir -p slurm/state slurm/spool slurm/munge && chmod 755 slurm
	cat >slurm/slurm.conf <<-CONF
		ClusterName=lam
		SlurmctldHost=$(uname -n)(127.0.0.1)
		SlurmUser=root
		AuthType=auth/munge
		AuthInfo=socket=$R/slurm/munge/socket
		StateSaveLocation=$R/slurm/state
		SlurmdSpoolDir=$R/slurm/spool
		SlurmctldPidFile=$R/slurm/slurmctld.pid
		SlurmdPidFile=$R/slurm/slurmd.pid
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		ReturnToService=2
		SchedulerParameters=batch_sched_delay=1,sched_interval=1
		NodeName=$(uname -n) NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
		PartitionName=all Nodes=ALL Default=YES State=UP
	CONF
	export SLURM_CONF=$R/slurm/slurm.conf
	dd if=/dev/urandom of=slurm/munge.key bs=1 count=1024 status=none && chmod 600 slurm/munge.key
	munged --force --foreground --key-file slurm/munge.key --socket slurm/munge/socket --num-threads 1 \
		--pid-file slurm/munge/pid --log-file slurm/munge/log --seed-file slurm/munge/seed 2>logs/munged &
	pids+=($!)
	until_true '[ -S slurm/munge/socket ]' || return 1
	slurmctld -D 2>logs/slurmctld & pids+=($!)
	slurmd -D 2>logs/slurmd & pids+=($!)
	until_true 'sinfo -h -o %T 2>/dev/null | grep -q idle'
}

if wanted slurm; then
	if command -v slurmctld >/dev/null && slurm_up; then
		step slurm 'Slurm, an array of 5 ranges' want.views \
			lam-cluster --engine slurm --work "$R/slurm/work" --as-of 300000 --splits 5
	else
		echo '| Slurm | not run: it is not here, or its daemons do not start | |' | tee -a "$OUT"
	fi
fi

# ---------------------------------------------------------------------------- Hadoop

JAVA="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Djava.net.preferIPv4Stack=true -Djava.io.tmpdir=$R/tmp"
JAVA="$JAVA --add-opens=java.base/java.lang=ALL-UNNAMED -Dhadoop.log.dir=$R/logs"
commands() { # commands CONF: mapred, hdfs and yarn with this configuration
	local c
	while read -r c first class; do
		cat >"bin/$c" <<-SH
			#!/bin/sh
			[ "\$1" = $first ] && shift
			exec java -Xmx400m $JAVA -cp "$R/$1:$B/jars/*" $class "\$@"
		SH
		chmod +x "bin/$c"
	done <<-LIST
		mapred streaming org.apache.hadoop.streaming.HadoopStreaming
		hdfs dfs org.apache.hadoop.fs.FsShell
		yarn logs org.apache.hadoop.yarn.client.cli.LogsCLI
	LIST
}

if wanted mapreduce; then
	mkdir local
	cat >local/core-site.xml <<-XML
		<configuration>
		<property><name>fs.defaultFS</name><value>file:///</value></property>
		<property><name>fs.local.block.size</name><value>4000000</value></property>
		<property><name>hadoop.tmp.dir</name><value>$R/tmp/hadoop</value></property>
		<property><name>mapreduce.framework.name</name><value>local</value></property>
		<property><name>mapreduce.local.map.tasks.maximum</name><value>2</value></property>
		<property><name>mapreduce.local.reduce.tasks.maximum</name><value>2</value></property>
		</configuration>
	XML
	cp "$HERE/conf/log4j.properties" local
	commands local
	step mapreduce 'LocalJobRunner, text in parts of 4 MB, combiner, 3 reducers' want.text \
		lam-cluster --engine hadoop --path "$R/lj1" --reducers 3 "${TEXT[@]}" "$R/all.csv"
	step mapreduce-ranges 'LocalJobRunner, NLineInputFormat over ranges' want.views \
		lam-cluster --engine hadoop --path "$R/lj2" --reducers 3 --as-of 300000 --splits 4
fi

daemon() { # daemon NAME HEAP CLASS [ARGUMENT...]
	java -Xmx"$2" $JAVA -cp "$R/conf:$R/web:$B/jars/*" "${@:3}" >>"logs/$1" 2>&1 &
	pids+=($!)
	eval "$1=$!"
}

datanode() {
	daemon dn 256m org.apache.hadoop.hdfs.server.datanode.DataNode
}

# The one that stays, so that what is written while the other is away has a place.
datanode2() {
	daemon dn2 256m org.apache.hadoop.hdfs.server.datanode.DataNode \
		-D "dfs.datanode.data.dir=file://$R/dn2" -D dfs.datanode.address=127.0.0.1:19876 \
		-D dfs.datanode.ipc.address=127.0.0.1:19877 -D dfs.datanode.http.address=127.0.0.1:19874
}

hadoop_up() {
	mkdir -p conf web/webapps/hdfs web/webapps/datanode
	for f in "$HERE"/conf/*; do
		sed "s|WORK/daemons|$B/jars|g; s|WORK|$R|g" "$f" >"conf/${f##*/}"
	done
	commands conf
	java $JAVA -cp "$R/conf:$B/jars/*" org.apache.hadoop.hdfs.server.namenode.NameNode \
		-format -force -nonInteractive >logs/format 2>&1 || return 1
	daemon nn 256m org.apache.hadoop.hdfs.server.namenode.NameNode
	datanode
	datanode2
	daemon rm 384m org.apache.hadoop.yarn.server.resourcemanager.ResourceManager
	daemon nm 320m org.apache.hadoop.yarn.server.nodemanager.NodeManager
	# Who asks for a job that has just ended is sent there.
	daemon hs 256m org.apache.hadoop.mapreduce.v2.hs.JobHistoryServer
	until_true '[ "$(grep -c "Processing first storage report" logs/nn)" -ge 2 ] && grep -q "registered with cap" logs/rm' &&
		until_true '(: </dev/tcp/127.0.0.1/18020) 2>/dev/null' &&
		hdfs dfs -mkdir -p /logs /lam /lam/master &&
		hdfs dfs -put all.csv /logs/ && hdfs dfs -put data/master/web /lam/master/
}

with_kill() { # with_kill DISTURB COMMAND...: something is killed while a task is held
	local rc=0 disturb=$1
	shift
	rm -f held
	$disturb &
	"$@" || rc=1
	wait $! && [ -L held ] && return $rc
}

jvm_and_datanode() {
	kill_java || return 1
	kill "$dn"
	until_true '! kill -0 $dn 2>/dev/null' && datanode
	echo "$dn" >dn.pid
}

YARN=(--engine hadoop --reducers 3)
if wanted yarn || wanted failing || wanted killed || wanted segments || wanted told; then
	if hadoop_up; then
		wanted yarn && step yarn 'HDFS and YARN, text in HDFS, 3 reducers' want.text \
			lam-cluster "${YARN[@]}" --path /lam/1 "${TEXT[@]}" /logs/all.csv
		wanted failing && step failing \
			'HDFS and YARN; three map attempts and one reduce attempt die: exit 7 half way, kill -9, rubbish, half an output' \
			want.text failing/lam-cluster "${YARN[@]}" --path /lam/2 "${TEXT[@]}" /logs/all.csv
		wanted killed && step killed \
			'HDFS and YARN; the JVM of a map killed from outside, then a DataNode restarted' want.text \
			with_kill jvm_and_datanode holding/lam-cluster "${YARN[@]}" --path /lam/3 "${TEXT[@]}" /logs/all.csv
		[ ! -e dn.pid ] || pids+=("$(cat dn.pid)")
		wanted segments && step segments 'segments fetched from HDFS, NLineInputFormat, two views' want.views \
			lam-cluster "${YARN[@]}" --path /lam/4 --as-of 300000 --splits segments \
			--store hdfs://127.0.0.1:19000/lam/master
		if wanted told; then
			printf 'lam-cluster: task_\n' >want.told
			told() {
				lam-cluster "${YARN[@]}" --retries 1 --path /lam/5 -e 'select nothere from stdin group by nothere' \
					--fields ts,host --schema schema /logs/all.csv
				lam-cluster "${YARN[@]}" --work told.work --retries 1 --path /lam/6 -e 'select host, count(*) from stdin group by host' \
					--fields ts,host --schema schema /logs/all.csv 2>told.err
				cat told.err >&2
				grep -q 'task_.*_m_.* on localhost failed: lam-batch: .*no records' told.err && grep -o '^lam-cluster: task_' told.err
			}
			step told 'a job that fails: the attempt, its host and its last line are named' want.told told
		fi
	else
		failed=$((failed + 1))
		echo '| HDFS and YARN | **did not start** | |' | tee -a "$OUT"
	fi
fi

# ----------------------------------------------------------------------------- Spark

if wanted spark || wanted spark-killed; then
	if [ -x "$B/spark/bin/spark-submit" ]; then
		cat >bin/spark-submit <<-SH
			#!/bin/sh
			export SPARK_LOCAL_IP=127.0.0.1 SPARK_LOCAL_DIRS=$R/tmp PYSPARK_PYTHON=$B/spark/bin/python
			unset HADOOP_CONF_DIR
			exec $B/spark/bin/spark-submit --master 'local-cluster[2,1,1024]' \
				--conf spark.executor.memory=512m --conf spark.driver.memory=512m \
				--conf spark.ui.enabled=false "\$@"
		SH
		chmod +x bin/spark-submit
		export SPARK_WORKER_DIR=$R/tmp/worker
		wanted spark && step spark 'Spark local-cluster, 6 ranges, 3 reducers' want.views \
			lam-cluster --engine spark --reducers 3 --as-of 300000 --splits 6
		wanted spark-killed && step spark-killed 'Spark; an executor killed while its task ran' want.views \
			with_kill kill_java holding/lam-cluster --engine spark --reducers 3 --as-of 300000 --splits 6
	else
		echo '| Spark | not run: pyspark cannot be had | |' | tee -a "$OUT"
	fi
fi

{
	echo
	echo "Jobs were disturbed as the first column says; listening sockets beyond loopback and the"
	echo "namespaces of this run: $(ss -Hltn 2>/dev/null | grep -cv '127.0.0.1\|10.99\|\[::1\]\|\[::ffff:127') (in a namespace without a way out)."
} >>"$OUT"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
